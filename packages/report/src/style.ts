import { DARK, LIGHT, themeProperties } from "./theme.js";

/** Style of all pages: in light and in dark, from 320 pixels up. Boxes of what may be wide scroll by themselves. */
export const STYLE: string = `
:root{color-scheme:light dark;${themeProperties(LIGHT)}font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;}
@media (prefers-color-scheme:dark){:root{${themeProperties(DARK)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink)}
main,.top{max-width:68rem;margin:0 auto;padding:0 1rem}
main{padding-bottom:3rem}
a{color:var(--accent)}
h1{font-size:1.45rem;line-height:1.25;margin:.2rem 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0 0 .6rem}
h3{font-size:.95rem;margin:.8rem 0 .3rem}
p{margin:.4rem 0}
.top{padding-top:1.1rem}
.eyebrow{color:var(--muted);font-size:.85rem;margin:0}
.headline{font-size:1.08rem;font-weight:600;margin:.4rem 0 1rem}
.muted,figcaption small,caption small{color:var(--muted)}
.card{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:1rem 0;min-width:0}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
.grid>.card{margin:0} .card>:first-child{margin-top:0} .card>:last-child{margin-bottom:0}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,a:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem;width:100%}
th,td{text-align:right;padding:.3rem .65rem;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600} thead th{color:var(--muted);font-size:.85rem}
th:first-child,td:first-child{text-align:left;padding-left:0}
tbody tr:last-child>*{border-bottom:0}
figure{margin:0;min-width:0}
ul{padding-left:1.2rem} li{margin:.3rem 0}
.notes{color:var(--muted);font-size:.9rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.88em}
.chart .head{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:baseline;justify-content:space-between}
.chart .plot{min-height:260px;margin-top:.4rem}
.tools{display:flex;flex-wrap:wrap;gap:.35rem;border:0;padding:0;margin:0}
.tools label{cursor:pointer;font-size:.85rem;border:1px solid var(--line);border-radius:1rem;padding:.1rem .65rem}
.tools input{position:absolute;opacity:0;pointer-events:none}
.tools label:has(:checked){border-color:var(--accent);color:var(--accent);font-weight:600}
.tools label:has(:focus-visible){outline:2px solid var(--accent)}
.u-legend{text-align:left;font-size:.82rem;margin:.3rem 0 0!important;width:100%;display:block}
.u-legend tbody{display:flex;flex-wrap:wrap;gap:.1rem .4rem}
.u-legend .u-series{display:inline-flex}
.u-legend th,.u-legend td{border:0;padding:.1rem .2rem!important;white-space:normal;text-align:left}
.u-legend .u-label{color:var(--ink);font-size:.82rem;font-weight:400}
.u-legend .u-value{color:var(--muted)}
.u-legend.u-live th::after{content:""!important}
.u-legend .unlisted{display:none!important}
.heat td,.heat th{border:1px solid var(--surface);text-align:center;padding:.25rem .4rem;min-width:2.4rem}
.heat{width:auto}
.heat td{background:color-mix(in srgb,var(--accent) calc(var(--weight)*45%),var(--surface))}
.heat td.below{background:color-mix(in srgb,var(--negative) calc(var(--weight)*45%),var(--surface))}
.heat.dense td{min-width:.5rem;padding:.3rem .1rem}
.heat tbody th{text-align:right}
.steps{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.6rem 0}
.steps li{margin:0;padding:.3rem .8rem;border:1px solid var(--line);border-radius:1.2rem;font-size:.9rem;color:var(--muted);background:var(--surface)}
.steps .done{color:var(--ink)} .steps .done::before{content:"\\2713\\00a0";color:var(--good)}
.steps .now{border-color:var(--accent);color:var(--accent);font-weight:600}
.steps .failed{border-color:var(--bad);color:var(--bad);font-weight:600} .steps .failed::before{content:"\\2715\\00a0"}
.steps small{color:var(--muted);font-weight:400}
.growth{display:flex;align-items:center;justify-content:center;gap:clamp(.6rem,4vw,2.5rem);text-align:center}
.growth figure{flex:0 1 13rem} .growth svg{width:100%;height:auto;display:block;max-height:10rem}
.growth .arrow{font-size:1.4rem;color:var(--muted)} .growth .arrow small{display:block;font-size:.85rem}
.growth rect{fill:var(--accent);stroke:var(--surface)} .growth figure:first-child rect{fill:var(--series-0)}
.strip{display:block;width:100%;height:3rem} .strip .new{fill:var(--accent)} .strip .old{fill:var(--series-0)}
.spark{width:6rem;height:1.5rem;vertical-align:middle} .spark polyline{fill:none;stroke:var(--accent);stroke-width:1.5;vector-effect:non-scaling-stroke}
.badge{display:inline-block;border:1px solid currentcolor;border-radius:1rem;padding:0 .6rem;font-size:.82rem;font-weight:600;white-space:nowrap}
.badge.running{color:var(--accent)} .badge.finished{color:var(--good)} .badge.stopped{color:var(--warn)} .badge.failed{color:var(--bad)} .badge.waiting{color:var(--muted)}
.command{display:flex;gap:.5rem;align-items:center;background:var(--paper);border:1px solid var(--line);border-radius:.4rem;padding:.35rem .6rem;margin:.4rem 0;min-width:0}
.command code{overflow-x:auto;flex:1;white-space:nowrap;padding:.15rem 0}
button{font:inherit;font-size:.82rem;color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:.4rem;padding:.15rem .6rem;cursor:pointer}
.facts{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;margin:0} .facts div{min-width:5rem} .facts dt{color:var(--muted);font-size:.82rem} .facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
@media (max-width:30rem){h1{font-size:1.2rem} .headline{font-size:1rem} .card{padding:.8rem .7rem} .growth{flex-wrap:nowrap} .growth figure{flex-basis:8rem} th,td{padding:.3rem .5rem}}
@media print{body{background:#fff} .tools,button{display:none} .card{break-inside:avoid}}
`;
