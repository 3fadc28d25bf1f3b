// Google Analytics in basic consent mode: this file is in a page only after the visitor agreed to it (policy clause 11).
"use strict";
(() => {
  const { id, host } = document.currentScript.dataset;
  const held = 182 * 24 * 60 * 60;
  window.dataLayer = window.dataLayer || [];
  function gtag() { window.dataLayer.push(arguments); }
  const denied = { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied" };
  gtag("consent", "default", { ...denied, analytics_storage: "denied" });
  gtag("consent", "update", { analytics_storage: "granted" });
  gtag("js", new Date());
  // Addresses without their queries: what somebody searched for or was sent is nobody else's business.
  gtag("config", id, {
    allow_google_signals: false,
    allow_ad_personalization_signals: false,
    cookie_expires: held,
    cookie_update: false,
    page_location: location.origin + location.pathname,
    page_referrer: document.referrer ? new URL(document.referrer).origin : "",
  });
  const script = document.createElement("script");
  script.async = true;
  script.src = `${host}/gtag/js?id=${encodeURIComponent(id)}`;
  document.head.append(script);
})();
