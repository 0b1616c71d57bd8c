// On a narrow screen the places scroll sideways: the one that is open is shown. Only when the page
// is whole, as the button beside them appears late and takes room from them.
addEventListener("load", () => {
  document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
});
