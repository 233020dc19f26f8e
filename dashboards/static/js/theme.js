// Runs before the first paint (a classic script in <head>): the colours the user chose, else the system's.
(() => {
  const wanted = localStorage.getItem("theme");
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
