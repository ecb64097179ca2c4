// Markdown texts in, as a JSON array on standard input; out, for each renderer and each text, every element and comment that a browser
// would make of it, in order, with the addresses that they hold.

import {text} from "node:stream/consumers"
import {fromHtml} from "hast-util-from-html"
import {marked} from "marked"
import {createElement} from "react"
import {renderToStaticMarkup} from "react-dom/server"
import Markdown from "react-markdown"
import rehypeRaw from "rehype-raw"
import remarkGfm from "remark-gfm"

const ADDRESSES = ["href", "src", "srcSet", "srcDoc", "action", "formAction", "data", "poster", "background"]

const plugins = {remarkPlugins: [remarkGfm], rehypePlugins: [rehypeRaw]}

const renderers = {
  "react-markdown": (source) => renderToStaticMarkup(createElement(Markdown, plugins, source)),
  marked: (source) => marked.parse(source, {gfm: true}),
}

function* elements(node) {
  if (node.type === "comment") yield "comment"
  if (node.type === "element") {
    const properties = Object.entries(node.properties)
    const held = properties.filter(([name]) => ADDRESSES.includes(name) || name.startsWith("on") || name === "style")
    yield [node.tagName, ...held.map(([name, value]) => `${name}=${value}`)].join(" ")
  }
  for (const child of node.children ?? []) yield* elements(child)
  if (node.content) yield* elements(node.content)
}

const sources = JSON.parse(await text(process.stdin))
const found = {}
for (const [name, render] of Object.entries(renderers)) {
  found[name] = sources.map((source) => [...elements(fromHtml(render(source), {fragment: true}))])
}
process.stdout.write(JSON.stringify(found))
