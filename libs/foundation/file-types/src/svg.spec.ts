import { isSvg } from './svg';

const svg = (source: string): boolean => isSvg(Buffer.from(source));

describe('isSvg', () => {
  it.each([
    ['bare', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['empty', '<svg/>'],
    ['with a byte order mark', '\ufeff<svg>'],
    ['after white space', '\n\t  <svg\n'],
    ['after a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<svg >'],
    ['after comments', '<?xml version="1.0"?><!-- <html> --><!----><svg>'],
    ['after a stylesheet', '<?xml version="1.0"?><?xml-stylesheet href="a.css"?><svg>'],
    ['after a doctype', '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg>'],
    ['after an internal subset', '<!DOCTYPE svg [ <!ENTITY a "x]>y"> <!-- it\'s ]> --> <!ENTITY b \'"\'> ]>\n<svg>'],
    ['under a prefix', '<?xml version="1.0"?><svg:svg xmlns:svg="http://www.w3.org/2000/svg">'],
  ])('knows it %s', (_, source) => expect(svg(source)).toBe(true));

  it('reads UTF-16 of both byte orders', () => {
    const little = Buffer.from('\ufeff<?xml version="1.0"?><svg>', 'utf16le');
    expect(isSvg(little)).toBe(true);
    expect(isSvg(Buffer.from(little).swap16())).toBe(true);
  });

  it.each([
    ['HTML with an svg inside', '<!DOCTYPE html><html><svg>'],
    ['a doctype that promises too much', '<!DOCTYPE svg><html>'],
    ['an svg in a comment', '<!-- <svg> --><x>'],
    ['an svg in an entity', '<!DOCTYPE x [ <!ENTITY a "<svg>"> ]><x>'],
    ['another element', '<svgfoo>'],
    ['the word', 'about <svg>'],
    ['a comment without end', `<!-- ${'x'.repeat(5000)}`],
    ['a quote without end', '<!DOCTYPE svg "><svg>'],
    ['a comment without end in a subset', '<!DOCTYPE svg [ <!-- ]><svg>'],
    ['a declaration without end', '<?xml <svg>'],
    ['nothing', ''],
    ['only the start', '<sv'],
  ])('is not fooled by %s', (_, source) => expect(svg(source)).toBe(false));
});
