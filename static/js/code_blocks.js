// The buttons above code. One listener serves every answer, also those that arrive later.
const SHOWN_MS = 1500;
const ENDINGS = {
  bash: "sh", "c++": "cpp", "c#": "cs", clojure: "clj", console: "txt", django: "html",
  elixir: "ex", erlang: "erl", fortran: "f90", fsharp: "fs", haskell: "hs", javascript: "js", julia: "jl",
  kotlin: "kt", latex: "tex", markdown: "md", matlab: "m", nginx: "conf", "objective-c": "m", ocaml: "ml",
  perl: "pl", powershell: "ps1", protobuf: "proto", python: "py", ruby: "rb", rust: "rs", text: "txt",
  typescript: "ts", yaml: "yml",
};
const NAMES = { dockerfile: "Dockerfile", makefile: "Makefile", cmake: "CMakeLists.txt" };

const sourceOf = (figure) => figure.querySelector("pre").textContent;

const actions = {
  async copy(button, figure) {
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(sourceOf(figure));
    } catch {
      said = "Not copied"; // no permission, or a page without HTTPS
    }
    button.textContent = said;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => (button.textContent = "Copy"), SHOWN_MS);
  },

  wrap(button, figure) {
    button.setAttribute("aria-pressed", figure.classList.toggle("is-wrapped"));
  },

  download(button, figure) {
    const { language } = figure.dataset;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([sourceOf(figure)], { type: "application/octet-stream" }));
    link.download = NAMES[language] ?? `code.${ENDINGS[language] ?? language}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), SHOWN_MS);
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-code]");
  const figure = button?.closest("figure.code");
  if (figure) actions[button.dataset.code]?.(button, figure);
});
