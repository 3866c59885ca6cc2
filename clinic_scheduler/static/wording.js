// The editor of messages' words: fields by a press, and the preview as it is typed. Without script there is a button.
"use strict";

const editor = document.querySelector("form[data-preview]");
const inputs = editor ? [...editor.querySelectorAll("textarea, input[type=text]")] : [];
let last = inputs.find((input) => input.name === "body");
let waiting = 0;
let asked = 0;

// A field goes where the cursor was; the subject takes only what names nobody.
document.querySelectorAll("button[data-field]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    last.setRangeText(`{{ ${button.dataset.field} }}`, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    soon();
  });
});

inputs.forEach((input) => {
  input.addEventListener("focus", () => { last = input; });
  input.addEventListener("input", soon);
});

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, 350);
}

// An answer that was overtaken by a newer question is not shown.
async function show() {
  const number = ++asked;
  const body = new FormData(editor);
  body.set("part", "preview");
  try {
    const answer = await fetch(editor.dataset.preview, { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById("preview");
    if (number === asked && answer.ok && part) {
      document.getElementById("preview").replaceChildren(...document.importNode(part, true).childNodes);
    }
  } catch {
    // The button still shows the preview, and says what is wrong.
  }
}
