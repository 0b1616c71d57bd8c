// Runs in <head>, before the first paint, so that no page flashes in the wrong colours.
(() => {
  const KEY = "clutch-theme";
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system"; // storage is switched off: follow the system
    }
  };

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  const keep = (theme) => {
    apply(theme);
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // only this page then
    }
  };

  apply(stored());
  addEventListener("storage", (event) => event.key === KEY && apply(stored()));

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  document.addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll("input[name=theme]")) {
      choice.checked = choice.value === stored();
      choice.addEventListener("change", () => keep(choice.value));
    }
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.addEventListener("click", () => keep(isDark() ? "light" : "dark"));
    }
  });
})();
