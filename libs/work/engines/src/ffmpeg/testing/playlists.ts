/** What the files that call for others call for. */
export interface Targets {
  /** Of a listener, such as http://127.0.0.1:1234. */
  readonly http: string;
  /** A UDP port that is listened to. */
  readonly udpPort: number;
  /** Absolute path of a film that nobody may see. */
  readonly canary: string;
  /** Where the playlist itself will lie. */
  readonly self: string;
}

const hls = (...lines: string[]) => ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:10', '#EXT-X-MEDIA-SEQUENCE:0', ...lines, ''].join('\n');
const segment = (url: string) => hls('#EXTINF:10.0,', url, '#EXT-X-ENDLIST');
const master = (url: string) => ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=1000000', url, ''].join('\n');
const dash = (content: string) =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000">${content}</Representation></AdaptationSet></Period></MPD>`;

/** Files that make ffmpeg, left to itself, open paths and addresses of their own choice, or never end; by name. */
export function playlists({ http, udpPort, canary, self }: Targets): Readonly<Record<string, string>> {
  return {
    hls_file: segment(canary),
    hls_file_url: segment(`file://${canary}`),
    hls_concat: segment(`concat:${canary}|${canary}`),
    hls_subfile: segment(`subfile,,start,0,end,64,,:${canary}`),
    hls_master_child_file: master(canary),
    hls_self_reference: master(self),
    hls_self_segment: segment(self),
    hls_http: segment(`${http}/segment.ts`),
    hls_master_http: master(`${http}/child.m3u8`),
    hls_key_uri: hls(`#EXT-X-KEY:METHOD=AES-128,URI="${http}/key"`, '#EXTINF:10.0,', `${http}/segment.ts`, '#EXT-X-ENDLIST'),
    dash_http: dash(`<BaseURL>${http}/film.mp4</BaseURL>`),
    dash_file: dash(`<BaseURL>${canary}</BaseURL>`),
    dash_empty_media: dash('<SegmentTemplate media="" initialization="" duration="1"/>'),
    sdp: `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${udpPort} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    ffconcat: `ffconcat version 1.0\nfile '${canary}'\n`,
    ffconcat_http: `ffconcat version 1.0\nfile '${http}/film.mp4'\n`,
    smil: `<smil><body><video src="${http}/film.mp4"/></body></smil>`,
    asx: `<asx version="3.0"><entry><ref href="${http}/film.wmv"/></entry></asx>`,
    asf_reference: `[Reference]\r\nRef1=${http}/film.asf\r\n`,
    rtsp_text: `RTSPtext\nrtsp://127.0.0.1:${udpPort}/film\n`,
  };
}

/** Playlists behind the first bytes of a real format, so that content seems to say what it is. */
export function disguised(targets: Targets): Readonly<Record<string, Buffer>> {
  const text = Buffer.from(segment(`${targets.http}/segment.ts`));
  const latin1 = (head: string) => Buffer.from(head, 'latin1');
  return {
    mp4: Buffer.concat([latin1('\0\0\0\x18ftypisom\0\0\x02\0isomiso2'), text]),
    mp3: Buffer.concat([latin1('ID3\x04\0\0\0\0\0\0'), text]),
    avi: Buffer.concat([latin1('RIFF\xff\xff\0\0AVI LIST'), text]),
    mkv: Buffer.concat([Buffer.from('1a45dfa38b4282886d6174726f736b61', 'hex'), text]),
    flv: Buffer.concat([latin1('FLV\x01\x05\0\0\0\x09\0\0\0\0'), text]),
    ts: Buffer.concat([0, 1, 2, 3].map(() => Buffer.concat([latin1('G'), Buffer.alloc(187)])).concat(text)),
    wav: Buffer.concat([latin1('RIFF\xff\xff\0\0WAVEfmt '), text]),
    ogg: Buffer.concat([latin1('OggS\0\x02'), Buffer.alloc(22), latin1('\x01vorbis'), text]),
  };
}
