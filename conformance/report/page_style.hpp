// How the page looks. Colours hold WCAG AA contrast on their grounds, light and dark; nothing is told by
// colour alone.
#pragma once

namespace garita::conformance {

inline constexpr char page_style[] = R"css(
:root{--ground:#fbfbf8;--card:#fff;--ink:#1c2126;--soft:#56606b;--line:#d9dcd6;--good:#1d6b3a;--bad:#a3221c;--other:#7a5200;
--accent:#1f5c7a;--code:#f0f1ec}
@media(prefers-color-scheme:dark){:root{--ground:#14181c;--card:#1c2228;--ink:#e8ebee;--soft:#a5afb9;--line:#343c44;
--good:#6fcf97;--bad:#ff9288;--other:#f0c36a;--accent:#7cc4e6;--code:#242c33}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"Liberation Sans",sans-serif}
main,.bar{max-width:62rem;margin:0 auto;padding:0 1rem}
.bar{display:flex;gap:.4rem;justify-content:flex-end;padding-top:.8rem}
.switch{position:absolute;opacity:0;width:1px;height:1px}
.bar label{padding:.3rem .8rem;border:1px solid var(--line);border-radius:1rem;color:var(--soft);cursor:pointer}
#show-en:checked~.bar label[for=show-en],#show-es:checked~.bar label[for=show-es]{background:var(--accent);
border-color:var(--accent);color:var(--ground)}
#show-en:focus-visible~.bar label[for=show-en],#show-es:focus-visible~.bar label[for=show-es]{outline:3px solid var(--accent);
outline-offset:2px}
#show-en:checked~main [lang=es],#show-es:checked~main [lang=en]{display:none}
h1{font-size:1.7rem;line-height:1.2;margin:.6rem 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .7rem}
h3{font-size:1rem;margin:0 0 .4rem;overflow-wrap:anywhere}
p{margin:.3rem 0}
.soft{color:var(--soft)}
.verdict{display:inline-block;padding:.05rem .6rem;border:2px solid;border-radius:.4rem;font-weight:700;font-size:.85em;
white-space:nowrap}
.PASS{color:var(--good)}.FAIL,.CRASH,.HANG,.LEAK,.EGRESS,.UNSTABLE{color:var(--bad)}
.WAIVED,.SKIPPED,.HARNESS_ERROR,.INCOMPLETE{color:var(--other)}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;margin:1rem 0;list-style:none}
.counts li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.4rem .9rem;min-width:6.5rem}
.counts b{display:block;font-size:1.5rem;line-height:1.2}
article,figure,.facts{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem;margin:0 0 .9rem}
article{border-left:5px solid var(--bad)}
article.other{border-left-color:var(--other)}
dl{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr;gap:.25rem 1rem;margin:.4rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
code{background:var(--code);border-radius:.3rem;padding:.1rem .35rem;font:.86em/1.45 ui-monospace,"Liberation Mono",monospace;
overflow-wrap:anywhere;white-space:pre-wrap}
.option{white-space:nowrap}
figure img{display:block;width:100%;height:auto;max-height:28rem;object-fit:contain;
background:var(--code);border:1px solid var(--line)}
figure svg{display:block;width:100%;height:auto}
figcaption{color:var(--soft);font-size:.92em;margin-bottom:.4rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:.9rem;margin-bottom:.9rem}
.pair figure{margin:0}
svg text{font:17px system-ui,"Liberation Sans",sans-serif;fill:var(--soft)}
.grid{stroke:var(--line)}.curve{fill:none;stroke:var(--accent);stroke-width:1.6}
table{border-collapse:collapse;width:100%;font-size:.93em}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}th,td:first-child{white-space:nowrap;overflow-wrap:normal}
td.number{text-align:right;white-space:nowrap}
summary{cursor:pointer;padding:.3rem 0}
@media(max-width:40rem){svg text{font-size:21px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}
table,tbody,tr,td{display:block}thead{position:absolute;left:-9999px}
tr{border-bottom:1px solid var(--line);padding:.4rem 0}td{border:0;padding:.1rem 0}td.number{text-align:left}}
@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--good:#1d6b3a;--bad:#a3221c;--other:#7a5200;
--accent:#1f5c7a;--code:#f4f4f4}@page{margin:15mm}body{font-size:11pt}main{max-width:none;padding:0}.bar,summary{display:none}
code{font-size:.76em}article,figure,tr,.counts{break-inside:avoid}h2,h3,figcaption{break-after:avoid}}
)css";

}  // namespace garita::conformance
