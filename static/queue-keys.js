// Keys for who works through the queue: only while the focus is in the list and in no field, so that no letter is ever
// taken from speech input or a screen reader (WCAG 2.1.4). Without this script the list is the same.
"use strict";
(() => {
  const list = document.getElementById("changelist");
  const help = document.getElementById("queue-keys");
  if (!list || !help) return;
  help.hidden = false;
  const links = () => [...list.querySelectorAll("#result_list tbody th a")];
  const step = (by) => {
    const all = links();
    const row = document.activeElement.closest("#result_list tbody tr");
    const at = all.findIndex((link) => row?.contains(link));
    all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => document.getElementById("find-words")?.focus(),
    "?": () => {
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    },
  };
  list.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input, select, textarea");
    if (writes || event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
