// Every piece of text on the page with the contrast (WCAG 2) between it and what it stands on.
() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const opaque = (color) => channels(color).length === 3 || channels(color)[3] > 0;
  const ground = (element) => {
    if (element.tagName === "text") {
      const letter = element.classList.contains("scale-letter");
      if (letter) return getComputedStyle(element.previousElementSibling).fill;
    }
    for (let parent = element; parent; parent = parent.parentElement) {
      const color = getComputedStyle(parent).backgroundColor;
      if (opaque(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim()) continue;
    const style = getComputedStyle(element);
    const [over, under] = [element.tagName === "text" ? style.fill : style.color, ground(element)].map(luminance);
    const ratio = (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
    found.push({ text: node.data.trim(), ratio });
  }
  return found;
}
