// Before anything is painted: light or dark, as chosen here before, else as the system has it.
"use strict";
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("reference-theme");
  } catch {
    // Storage is switched off: nothing is remembered.
  }
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark-mode", isDark);
})();
