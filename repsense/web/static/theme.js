/* Dark or light: what the person chose in this browser, else what the system says. */
"use strict";
window.repsense = window.repsense || {};
window.repsense.setTheme = (theme) => {
  localStorage.setItem("repsense.theme", theme);
  Quasar.Dark.set(theme === "dark");
};
addEventListener("load", () => {
  const chosen = localStorage.getItem("repsense.theme");
  if (chosen) setTimeout(() => window.repsense.setTheme(chosen), 0);
});
