// A mail is as high as what stands in it, so that the page scrolls and not a window in it.
(function () {
  "use strict";
  const frame = document.querySelector("iframe");
  if (!frame) return;
  const fit = () => {
    const inside = frame.contentDocument && frame.contentDocument.documentElement;
    if (!inside) return;
    frame.style.height = "0";
    frame.style.height = inside.scrollHeight + "px";
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
})();
