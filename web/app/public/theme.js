// Before the first paint: the theme that was chosen on this device. A file of its own, because the page allows no inline script.
try {
  const chosen = JSON.parse(localStorage.getItem("warroom.theme") ?? "null");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is forbidden: the system's theme it is.
}
