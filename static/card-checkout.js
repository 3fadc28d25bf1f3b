// The card is typed into the provider's own frames: this page gets a token for it, never the card (policy clause 8.9).
"use strict";
(async () => {
  const form = document.getElementById("card-form");
  const trouble = document.getElementById("card-trouble");
  const button = form.querySelector("button[type=submit]");
  const say = (words) => {
    trouble.textContent = words;
    trouble.hidden = false;
    trouble.focus();
  };
  const look = getComputedStyle(document.body);
  const fields = {};
  for (const place of form.querySelectorAll("[data-field]")) {
    fields[place.dataset.field] = { container: place, iframeTitle: place.dataset.title };
  }
  let typed;
  try {
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    const answer = await fetch(form.dataset.token, { method: "POST", headers });
    const said = await answer.json();
    if (!said.token) return say(said.refused);
    const client = await braintree.client.create({ authorization: said.token });
    const styles = { input: { color: look.color, "font-size": look.fontSize } };
    typed = await braintree.hostedFields.create({ client, fields, styles });
  } catch {
    return say(form.dataset.trouble);
  }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    trouble.hidden = true;
    try {
      form.elements.nonce.value = (await typed.tokenize()).nonce;
      form.submit();
    } catch (error) {
      button.disabled = false;
      say(error.type === "CUSTOMER" ? form.dataset.check : form.dataset.trouble);
    }
  });
})();
