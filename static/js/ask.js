// Ctrl+Enter or Cmd+Enter sends; the rest of the ask box is a plain form.
for (const box of document.querySelectorAll("form[data-ask] textarea")) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
}
