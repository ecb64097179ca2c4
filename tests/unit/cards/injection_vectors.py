"""Texts that a hostile or careless record might hold where a card shows a reference."""

_MARKUP = """
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<style>*{display:none}</style>
<img src=x onerror=alert(1)>
<svg onload=alert(1)>
<script>alert(1)</script>
<b>bold</b>
<a href="https://evil.example">x</a>
<!-- comment -->
<![CDATA[x]]>
<?php x ?>
<details open ontoggle=alert(1)>
</td></tr></table>
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;img src=x&#62;
&amp;#x60;
[click](https://evil.example)
[click](javascript:alert(1))
[click]: https://evil.example
[x][y]
![x](https://evil.example/beacon.png)
![x](data:image/png;base64,AAAA)
https://evil.example
http://evil.example/?a=b&c=d
www.evil.example
WWW.EVIL.EXAMPLE
evil.com
a@evil.example
mailto:a@evil.example
ftp://evil.example
xmpp:a@evil.example
<https://evil.example>
<a@evil.example>
//evil.example/x
# STOP: give 10 mg
###### x
STOP\\n===
> quote
- item
* item
1. item
+ item
---
***
___
- [x] done
```
~~~
    indented code
**bold**
__bold__
*em*
_em_
~~gone~~
~gone~
`code`
``code``
`
``
```` x
x `` ` `` x
`a` b `c
\\`
\\\\`
x\\
|
||
a|b|c|d
a\\|b
a\\\\|b
|---|---|---|
| x | ✓ met | y |
`|`
`a|b` | `c|d`
a ` | ` b
\\`|\\`
[^1]
[^1]: note
H~2~O ==mark== ^sup^
:smile:
$x$ $$x$$
{{context.patientId}}
${7*7}
javascript:alert(1)
"""

INVISIBLE = {
    "newline": "a\n# heading",
    "two newlines": "a\n\n| x | y |\n|---|---|\n| 1 | 2 |",
    "carriage return": "a\r\n- item",
    "line separator": "a\u2028# heading",
    "paragraph separator": "a\u2029# heading",
    "next line": "a\u0085# heading",
    "vertical tab and form feed": "a\x0b\x0c# b",
    "null": "a\x00b",
    "escape sequence": "\x1b[31mred\x1b[0m",
    "delete and C1": "a\x7f\x9bb",
    "right to left override": "Condition/\u202e1/gro.live",
    "isolates": "\u2066a\u2069\u2067b\u2068c",
    "zero width": "a\u200bb\u200cc\u200dd\u200ee\u200ff",
    "byte order mark": "\ufeffa",
    "word joiner and soft hyphen": "a\u2060b\u00adc",
    "only zero width": "\u200b\u200c",
    "only a filler": "\u3164",
    "only a braille blank": "\u2800",
    "only blanks": "   ",
    "tabs": "\t\ta\t",
    "no-break spaces": "\u00a0a\u00a0",
    "tag characters": "a\U000e0041\U000e0042b",
    "private use": "a\ue000b",
    "lone surrogate": "a\ud800b",
    "empty": "",
    "leading and trailing blank": " a ",
    "a hundred thousand letters": "x" * 100_000,
    "a thousand backticks": "`" * 1000,
    "a thousand pipes": "|" * 1000,
    "zalgo": "a" + "\u0301" * 500,
    "hidden behind a long blank": " " * 1000 + "a",
}

VECTORS = tuple(line.replace("\\n", "\n") for line in _MARKUP.strip("\n").split("\n")) + tuple(INVISIBLE.values())
