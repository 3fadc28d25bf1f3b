// A refusal takes effect without loading the page anew, so that nothing typed into it is lost. What is accepted needs a
// new page: the browser refuses to load it into this one.
"use strict";
(() => {
  const banner = document.getElementById("cookie-banner");
  banner?.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.submitter?.value !== "reject") return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" } });
      if (answer.redirected || !answer.ok) return location.assign(answer.url);
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
      banner.replaceWith(part);
      part.focus();
    } catch {
      form.insertAdjacentHTML("beforeend", '<input type="hidden" name="choice" value="reject">');
      form.submit();
    }
  });
})();
