/** Keeps the keyboard's position when the element that has the focus goes away, such as the button of a finished action. */

/** What takes the focus then: the first control within this, or else the content of the page. */
const REFUGE = "[data-refuge] button";

let last: Element | undefined;

/** Begin to watch. Called once. */
export function keepFocus(): void {
  addEventListener("focusin", ({ target }) => {
    last = target instanceof Element ? target : undefined;
  });
  addEventListener(
    "click",
    () => {
      // Whoever clicks beside all controls has left the one before.
      if (document.activeElement === document.body) {
        last = undefined;
      }
    },
    true,
  );
  new MutationObserver(() => {
    if (last && !last.isConnected && document.activeElement === document.body) {
      last = undefined;
      const refuge = document.querySelector<HTMLElement>(REFUGE) ?? document.getElementById("main");
      refuge?.focus({ preventScroll: true });
    }
  }).observe(document, { childList: true, subtree: true });
}
