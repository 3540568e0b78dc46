/** A graphic control extension: a tenth of a second. */
const CONTROL = Buffer.from('21f904000a000000', 'hex');
/** A frame of one pixel in the corner, of the first colour. */
const PIXEL = Buffer.from('2c00000000010001000002024401' + '00', 'hex');

/** A gif whose canvas and number of frames cost no bytes: each frame holds one pixel. */
export function tinyGif(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.alloc(7);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  // A global table of two colours.
  screen.writeUInt8(0x80, 4);
  const frame = Buffer.concat([CONTROL, PIXEL]);
  const body = Buffer.alloc(frame.length * frames);
  for (let at = 0; at < body.length; at += frame.length) frame.copy(body, at);
  return Buffer.concat([Buffer.from('GIF89a'), screen, Buffer.from('c01020ffffff', 'hex'), body, Buffer.from(';')]);
}
