// Language and colours, set before the page is drawn and kept where the browser allows it.
(function () {
  "use strict";
  const root = document.documentElement;

  function kept(name) {
    try {
      return localStorage.getItem("qinggao." + name);
    } catch {
      return null; // a browser that keeps nothing for files
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem("qinggao." + name, value);
    } catch {
      // the choice holds for this page only
    }
  }

  function speak(language) {
    root.dataset.lang = language;
    root.lang = language === "en" ? "en" : "zh-CN";
  }

  speak(kept("language") === "en" ? "en" : "zh");
  const theme = kept("theme");
  if (theme === "dark" || theme === "light") {
    root.dataset.theme = theme;
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.getElementById("language").addEventListener("click", function () {
      speak(root.dataset.lang === "en" ? "zh" : "en");
      keep("language", root.dataset.lang);
    });
    document.getElementById("theme").addEventListener("click", function () {
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      keep("theme", root.dataset.theme);
    });
  });
})();
