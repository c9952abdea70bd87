// What Swagger UI leaves to be desired for people who do not see the page, or use it by the keyboard.

const SCROLLED = ".highlight-code > pre, .microlight, textarea.curl";

/** Mends what is on the page now. */
function mend(root) {
  for (const button of root.querySelectorAll("button:not([aria-label], [title])")) {
    if (button.textContent.trim() === "") {
      button.setAttribute("aria-label", button.closest(".copy-to-clipboard") ? "Copy" : "Fold or unfold");
    }
  }
  // What is seen and what is said differ.
  for (const button of root.querySelectorAll('.auth-btn-wrapper [aria-label="Apply credentials"]')) {
    button.removeAttribute("aria-label");
  }
  for (const place of root.querySelectorAll(SCROLLED)) {
    if (place.tabIndex < 0) place.tabIndex = 0;
  }
}

/** Mends whatever appears, once it is painted. */
function keepMending(root) {
  let isAsked = false;
  const mendSoon = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      mend(root);
    });
  };
  new MutationObserver(mendSoon).observe(root, { childList: true, subtree: true });
  mendSoon();
}

/** The dialogue begins at its last field, does not say that it is one, and knows no Escape. */
function mendDialogue() {
  const dialogue = document.querySelector(".dialog-ux .modal-ux");
  if (!dialogue) return;
  dialogue.setAttribute("role", "dialog");
  dialogue.setAttribute("aria-modal", "true");
  dialogue.setAttribute("aria-label", "Signing in for requests");
  dialogue.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
  dialogue.querySelector("input")?.focus();
  dialogue.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialogue.querySelector(".close-modal")?.click();
  });
}
