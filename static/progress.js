// Looks again at the parts of a page that tell how far something has come, and exchanges them alone: what somebody types
// elsewhere on the page stays. Without this script the page is loaded anew.
"use strict";
(() => {
  const soon = 1000 * document.currentScript.dataset.seconds;
  const latest = 60000;
  const marked = (page) => [...page.querySelectorAll("[data-live]")];
  const isWorking = (page) => page.querySelector("[data-live][data-again]") !== null;
  let wait = soon;
  let told = null;
  let status;

  // A quarter at a time, and the end: nobody wants to hear every percent.
  const tell = () => {
    const bar = document.querySelector("[data-live] progress");
    const quarter = bar ? Math.floor((4 * bar.value) / (bar.max || 1)) : -1;
    if (quarter === told) return;
    if (told !== null) status.textContent = (bar ? bar.closest("[data-live]") : marked(document)[0]).innerText;
    told = quarter;
  };

  const exchange = (page) => {
    for (const old of marked(document)) {
      const now = page.getElementById(old.id);
      // Whoever stands in a part with the keyboard keeps standing there.
      if (now && now.outerHTML !== old.outerHTML && !old.contains(document.activeElement)) {
        old.replaceWith(document.importNode(now, true));
      }
    }
    tell();
  };

  const look = async () => {
    if (document.hidden) return again();
    try {
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      if (answer.type === "opaqueredirect") return;
      const isHtml = (answer.headers.get("Content-Type") || "").startsWith("text/html");
      const page = isHtml ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
      if (page && marked(page).length) {
        exchange(page);
        wait = soon;
        if (!isWorking(page)) return;
      } else if (answer.ok && marked(document)[0]?.dataset.then === "reload") {
        location.reload();
        return;
      } else {
        wait = Math.min(2 * wait, latest);
      }
    } catch {
      wait = Math.min(2 * wait, latest);
    }
    again();
  };

  const again = () => setTimeout(look, wait);

  const begin = () => {
    if (!isWorking(document)) return;
    status = document.createElement("p");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    document.querySelector("main, #content").append(status);
    tell();
    again();
  };
  begin();
})();
