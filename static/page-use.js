// Reports how this page was used: time, scrolling, clicks, exit. Served only to visitors who agreed; stores nothing.
"use strict";
(() => {
  const to = document.currentScript.dataset.to;
  let since, seconds, scroll, clicks, parts, exit;
  const begin = () => {
    since = performance.now();
    seconds = scroll = clicks = 0;
    parts = new Set();
    exit = "away";
  };
  const look = () => {
    const page = document.documentElement;
    scroll = Math.max(scroll, Math.min(100, Math.round((100 * (scrollY + innerHeight)) / page.scrollHeight)));
  };
  const report = () => {
    if (since === null) return;
    seconds = Math.min(86400, Math.round((performance.now() - since) / 1000));
    look();
    const use = {
      path: location.pathname,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
      seconds,
      scroll,
      clicks: Math.min(clicks, 10000),
      elements: [...parts].slice(0, 20),
      exit,
      pdf_viewer: navigator.pdfViewerEnabled ?? null,
    };
    since = null;
    navigator.sendBeacon(to, new Blob([JSON.stringify([use])], { type: "application/json" }));
  };
  begin();
  addEventListener("scroll", look, { passive: true });
  addEventListener("click", (event) => {
    clicks += 1;
    const part = event.target.closest("[data-use]");
    if (part) parts.add(part.dataset.use);
    if (event.target.closest("a[href]")) exit = "link";
  });
  addEventListener("submit", () => (exit = "form"));
  addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? report() : begin()));
  addEventListener("pagehide", report);
  addEventListener("pageshow", (event) => event.persisted && begin());
})();
