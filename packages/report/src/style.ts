/** Style of a page, light and dark. */
export const STYLE: string = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } .headline { font-size: 1.15rem; font-weight: 600; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #8884; } th:first-child, td:first-child { text-align: left; }
.chart { margin: 1.5rem 0; background: #fff; color: #222; padding: .5rem; border-radius: .5rem; } li { margin: .3rem 0; }
`;
