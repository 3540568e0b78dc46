export { ffmpegEngine } from './ffmpeg-engine';
