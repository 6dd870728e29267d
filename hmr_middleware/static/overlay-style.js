// How the overlay looks. Every length is in pixels: the page's font size must not reach in.

const COLOURS = `
  --paper: #ffffff; --sunk: #f4f4f6; --line: #d9dae0; --ink: #1c1d21; --quiet: #5a5d68;
  --alarm: #b3202c; --alarm-paper: #fdecec; --link: #2b55b8; --scrim: rgb(20 21 26 / 45%); --shade: rgb(0 0 0 / 22%);
`
const DARK_COLOURS = `
  --paper: #1b1c21; --sunk: #131418; --line: #383a44; --ink: #ececf0; --quiet: #a6a9b6;
  --alarm: #ff8f8f; --alarm-paper: #3a2024; --link: #9dbcff; --scrim: rgb(0 0 0 / 60%); --shade: rgb(0 0 0 / 60%);
`

export const CSS = `
  /* Important in here wins over important out there (CSS Cascade 5, 6.1): the page cannot reach in. */
  :host { all: initial !important; display: contents !important; direction: ltr !important; }
  *, ::before, ::after { box-sizing: border-box; }
  [hidden] { display: none !important; }

  .panel, .notice {
    ${COLOURS}
    color-scheme: light; color: var(--ink); z-index: 2147483647; border: 0; margin: 0; padding: 0;
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
    -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
  }
  @media (prefers-color-scheme: dark) { .panel, .notice { ${DARK_COLOURS} color-scheme: dark; } }
  @media print { .panel, .notice { display: none; } }
  .panel::backdrop, .notice::backdrop { display: none; }

  .panel {
    position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none;
    display: flex; justify-content: center; align-items: flex-start; overflow: hidden;
    padding: min(7vh, 64px) 24px 24px; background: var(--scrim);
  }
  .card {
    display: flex; flex-direction: column; width: 100%; max-width: 920px; max-height: 100%; overflow: hidden;
    background: var(--paper); border-radius: 10px; outline: none;
    box-shadow: 0 0 0 1px var(--line), 0 18px 50px var(--shade);
  }
  .card::before { content: ""; flex: none; height: 4px; background: var(--alarm); }
  .card.page { max-width: 1180px; height: 100%; }

  header { display: flex; align-items: flex-start; gap: 12px; padding: 16px 14px 12px 22px; }
  .heading { flex: 1; min-width: 0; }
  .kind { margin: 0; color: var(--quiet); font-size: 12px; line-height: 1.4; }
  h2 { margin: 2px 0 0; font-size: 19px; line-height: 1.3; font-weight: 650; color: var(--alarm); overflow-wrap: anywhere; }
  .tools { display: flex; align-items: center; gap: 2px; flex: none; }
  .pager { display: flex; align-items: center; gap: 2px; color: var(--quiet); font-size: 13px; white-space: nowrap; }

  button {
    all: unset; box-sizing: border-box; display: inline-grid; place-items: center; min-width: 32px; height: 32px;
    border-radius: 6px; color: var(--quiet); font: inherit; cursor: pointer;
  }
  button:hover { background: var(--sunk); color: var(--ink); }
  svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
  :focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
  .card:focus-visible { outline: none; }

  .body {
    flex: 1; min-height: 0; padding: 0 22px 18px; overflow: auto; overscroll-behavior: contain;
    display: flex; flex-direction: column; gap: 14px;
  }
  .body > * { flex: none; margin: 0; }
  .message { font-size: 16px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 40vh; overflow: auto; }
  .place, pre, .stack { font: 13px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
  .place { color: var(--link); overflow-wrap: anywhere; }
  pre { padding: 12px 0; overflow: auto; background: var(--sunk); border-radius: 8px; tab-size: 4; max-height: 50vh; }
  pre > span { display: block; width: max-content; min-width: 100%; padding: 0 16px; white-space: pre; color: var(--quiet); }
  pre > .marked { color: var(--ink); background: var(--alarm-paper); box-shadow: inset 3px 0 var(--alarm); }
  pre > .caret { color: var(--alarm); }
  pre.text > span { color: var(--ink); }

  details > summary { cursor: pointer; border-radius: 4px; color: var(--quiet); width: fit-content; }
  .trace > summary { font-size: 13px; font-weight: 600; }
  .trace > pre { margin: 8px 0 0; }
  .stack { margin: 8px 0 0; padding: 0; list-style: none; }
  .stack ol { margin: 0; padding: 0 0 0 18px; list-style: none; }
  .stack li { overflow-wrap: anywhere; padding: 1px 0; }
  .stack li:not(.ours) { padding-left: 2ch; text-indent: -2ch; }
  .stack .at { color: var(--quiet); }
  iframe { flex: 1 1 auto !important; width: 100%; min-height: 320px; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; }
  footer { padding: 10px 22px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 12.5px; }

  .notice {
    position: fixed; inset: auto 16px 16px auto; width: min(380px, calc(100vw - 32px)); height: fit-content;
    display: flex; align-items: flex-start; overflow: hidden; background: var(--paper); border-radius: 10px;
    box-shadow: 0 0 0 1px var(--line), 0 8px 28px var(--shade); pointer-events: auto;
  }
  .notice::before { content: ""; flex: none; align-self: stretch; width: 4px; background: var(--alarm); }
  .notice .details { flex: 1; min-width: 0; height: auto; display: block; place-items: normal; padding: 10px 4px 11px 14px; border-radius: 0; color: var(--ink); }
  .notice .details:focus-visible { outline-offset: -3px; }
  .notice .close { flex: none; margin: 6px 6px 0 0; }
  .notice .top { display: flex; align-items: baseline; gap: 8px; font-size: 14px; }
  .notice .name { color: var(--alarm); font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .notice .count { flex: none; color: var(--quiet); font-size: 12.5px; }
  .notice .says {
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
    font-size: 13.5px; line-height: 1.45; overflow-wrap: anywhere;
  }

  @media (max-width: 560px) {
    .panel { padding: 8px; }
    header { padding: 12px 8px 10px 14px; flex-wrap: wrap-reverse; align-items: flex-end; gap: 0 12px; }
    .heading { flex-basis: 210px; }
    .tools { margin-left: auto; }
    .body { padding: 0 14px 14px; }
    h2 { font-size: 17px; }
    footer { padding: 9px 14px; }
    .notice { inset: auto 8px 8px auto; width: min(380px, calc(100vw - 16px)); }
  }
  @media (prefers-reduced-motion: no-preference) {
    .card, .notice { animation: appear 140ms ease-out; }
    @keyframes appear { from { opacity: 0; transform: translateY(6px); } }
  }
  @media (forced-colors: active) { .card, .notice, pre { border: 1px solid; } pre > .marked { font-weight: bold; } }
`

/** Give *root* the style: as a constructed sheet, which no policy forbids, else with the page's nonce. @param {ShadowRoot} root @param {string} nonce */
export function addStyle(root, nonce) {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(CSS)
    root.adoptedStyleSheets = [sheet]
  } catch {
    const style = root.ownerDocument.createElement("style")
    style.nonce = nonce
    style.textContent = CSS
    root.append(style)
  }
}
