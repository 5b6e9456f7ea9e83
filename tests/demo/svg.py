#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""svg.py SCREEN PICTURE: a terminal's screen, as tmux captures it with its escape
sequences, as an SVG picture. Blocks are drawn as rectangles, so that no font matters.
"""
import html
import re
import sys

WIDTH, HEIGHT, EDGE = 8, 17, 12
PLAIN, GROUND, DIM = "#d5d9e0", "#16191f", "#737b88"
COLOURS = {31: "#e5646c", 32: "#6cbf84", 33: "#e3b655"}
UP, RIGHT = " ▁▂▃▄▅▆▇█", " ▏▎▍▌▋▊▉█"


def look(codes, style):
    """The style behind an escape sequence: colour, bold, dim, reverse."""
    style = dict(style)
    for code in [int(code or 0) for code in codes.split(";")]:
        if code == 0:
            style = {}
        elif code in (1, 2, 7):
            style[code] = True
        elif code == 39:
            style.pop("colour", None)
        elif code in COLOURS:
            style["colour"] = COLOURS[code]
    return style


def runs(line):
    """(column, text, style) of a line."""
    style, column = {}, 0
    for text, codes in re.findall(r"([^\x1b]+)|\x1b\[([\d;]*)m", line.replace("\x0e", "")
                                  .replace("\x0f", "")):
        if text:
            yield column, text, style
            column += len(text)
        else:
            style = look(codes, style)


def rectangle(x, y, width, height, colour):
    return '<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>' % (
        x, y, width, height, colour)


def block(x, y, sign, count, colour):
    """So many of one that fills a part of its place, or None."""
    if sign in UP[1:]:
        height = HEIGHT * UP.index(sign) / 8
        return rectangle(x, y + HEIGHT - height, WIDTH * count, height, colour)
    if sign in RIGHT[1:]:
        return rectangle(x, y, WIDTH * RIGHT.index(sign) / 8, HEIGHT, colour)
    if sign == "─":
        return rectangle(x, y + HEIGHT / 2, WIDTH * count, 1, colour)
    return None


def draw(column, row, text, style):
    x, y = EDGE + column * WIDTH, EDGE + row * HEIGHT
    colour = DIM if style.get(2) else style.get("colour", PLAIN)
    if style.get(7):
        yield rectangle(x, y, WIDTH * len(text), HEIGHT, colour)
        colour = GROUND
    for match in re.finditer(r"\S+", text):
        at = x + WIDTH * match.start()
        if not any(block(0, 0, sign, 1, "") for sign in match[0]):
            yield word(at, y, match[0], colour, style)
            continue
        for same in re.finditer(r"(.)\1*", match[0]):
            begin = at + WIDTH * same.start()
            yield block(begin, y, same[1], len(same[0]), colour) or word(
                begin, y, same[0], colour, style)


def word(x, y, text, colour, style):
    return '<text x="%g" y="%g" textLength="%d" fill="%s"%s>%s</text>' % (
        x, y + 13, WIDTH * len(text), colour, ' font-weight="bold"' if style.get(1) else "",
        html.escape(text))


def main():
    with open(sys.argv[1], encoding="utf-8") as screen:
        lines = screen.read().split("\n")
    columns, rows = (int(number) for number in re.search(r"(\d+)x(\d+)", sys.argv[1]).groups())
    width, height = columns * WIDTH + 2 * EDGE, rows * HEIGHT + 2 * EDGE
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
             'viewBox="0 0 %d %d" shape-rendering="crispEdges">' % (width, height, width, height),
             '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">',
             rectangle(0, 0, width, height, GROUND)]
    for row, line in enumerate(lines[:rows]):
        for column, text, style in runs(line):
            parts += draw(column, row, text, style)
    with open(sys.argv[2], "w", encoding="utf-8") as picture:
        picture.write("\n".join(parts + ["</g>", "</svg>", ""]))


if __name__ == "__main__":
    main()
