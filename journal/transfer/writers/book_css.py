"""Style sheet of the printable book."""

CSS = """
:root { color-scheme: light; --quiet: #555; --rule: #bbb; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 38rem; padding: 2rem 1rem; color: #111; background: #fff;
  font: 1.05rem/1.55 Georgia, "Noto Serif", serif; overflow-wrap: break-word; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; break-after: avoid; }
a { color: inherit; }
img { max-width: 100%; max-height: 20cm; height: auto; break-inside: avoid; }
figure { margin: 1rem 0; break-inside: avoid; }
figcaption, .about { color: var(--quiet); font-size: 0.9rem; }
pre { white-space: pre-wrap; }
blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--rule); }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--rule); padding: 0.2rem 0.5rem; }
p.text { white-space: pre-wrap; }
.cover { min-height: 70vh; display: flex; flex-direction: column; justify-content: center;
  text-align: center; break-after: page; }
.cover h1 { font-size: 2.6rem; margin: 0; }
nav { break-after: page; }
nav ol { list-style: none; padding: 0; }
nav li { display: flex; gap: 1rem; justify-content: space-between; border-bottom: 1px dotted var(--rule); }
nav span { color: var(--quiet); }
.month > h2 { border-bottom: 1px solid var(--rule); padding-bottom: 0.3rem; margin-top: 3rem; }
article { margin: 2rem 0 2.5rem; }
article > h3 { margin-bottom: 0; }
article > .about { margin-top: 0.2rem; break-after: avoid; }
p { orphans: 3; widows: 3; }
@page { size: A5; margin: 18mm 15mm 20mm; @bottom-center { content: counter(page); } }
@page :first { @bottom-center { content: none; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .cover { min-height: 80vh; }
  .month { break-before: page; }
  a { text-decoration: none; }
}
"""
