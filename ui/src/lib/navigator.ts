// Where no language is set (the locale "C"), WebKit names one that its own number formats refuse, and charts ask for it as
// soon as they are loaded.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en" });
}
