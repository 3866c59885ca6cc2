// What pages gain with script; everything works without it.
"use strict";

// The summary of problems is read first.
document.querySelector(".problems")?.focus();

// A form is sent once: pressing twice does not send it twice, and slow saving is said aloud.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => { document.getElementById("status").textContent = "Saving…"; }, 400);
});
// Back from the browser's memory: the form may be sent again, its key makes twice once.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  document.getElementById("status").textContent = "";
});

// A link marked data-dialog opens its page's main part in a dialog over this one.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-part]");
    if (!answer.ok || !part) throw new Error("no such part");
    showDialog(document.importNode(part, true), link);
  } catch {
    location.assign(link.href);
  }
});

function showDialog(part, opener) {
  const dialog = document.createElement("dialog");
  const heading = part.querySelector("h1, h2");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet close";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  if (heading) {
    heading.id = "dialog-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  dialog.append(close, part);
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// A filter is applied as soon as it is chosen; its button is for browsers without script.
document.querySelectorAll("form[data-auto]").forEach((form) => {
  form.querySelector("button")?.remove();
  form.addEventListener("change", () => form.requestSubmit());
});

document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

document.querySelectorAll("button[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    document.getElementById("status").textContent = "Copied";
    button.textContent = "Copied";
  });
});

// "/" goes to the search box, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const box = document.getElementById("q");
  if (box) {
    event.preventDefault();
    box.focus();
  }
});
