import { decodeQR } from "qr/decode.js";

/** Finds a QR code's text in a camera's frames or a picture: the browser's own detector, or one in script. */
interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

let own: Promise<Detector | undefined> | undefined;

function detector(): Promise<Detector | undefined> {
  own ??= (async () => {
    const known = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
    if (!known) return undefined;
    try {
      const formats = await known.getSupportedFormats();
      return formats.includes("qr_code") ? new known({ formats: ["qr_code"] }) : undefined;
    } catch {
      return undefined;
    }
  })();
  return own;
}

const canvas = document.createElement("canvas");

function pixels(
  source: CanvasImageSource,
  width: number,
  height: number,
  most: number,
): ImageData | undefined {
  const scale = Math.min(1, most / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context?.getImageData(0, 0, canvas.width, canvas.height);
}

function byScript(image: ImageData | undefined, patient: boolean): string | undefined {
  if (!image) return undefined;
  try {
    return decodeQR(image, patient ? { effort: Number.POSITIVE_INFINITY, timeLimit: 3000 } : {});
  } catch {
    return undefined; // no code in this frame
  }
}

async function byBrowser(source: ImageBitmapSource): Promise<string | undefined> {
  try {
    return (await (await detector())?.detect(source))?.[0]?.rawValue;
  } catch {
    return undefined;
  }
}

/** The code in a picture's file; `undefined` when there is none, an error when it is no picture. */
export async function inPicture(file: Blob): Promise<string | undefined> {
  const image = await createImageBitmap(file);
  try {
    const found = await byBrowser(image);
    if (found) return found;
    for (const most of [1600, 800, 3200]) {
      const text = byScript(pixels(image, image.width, image.height, most), true);
      if (text) return text;
    }
    return undefined;
  } finally {
    image.close();
    canvas.width = canvas.height = 0;
  }
}

export class Camera {
  private stream: MediaStream | undefined;
  private timer = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly found: (text: string) => void,
  ) {}

  get open(): boolean {
    return this.stream !== undefined;
  }

  /** Ask for the camera at the back and look until a code is found. */
  async start(): Promise<void> {
    this.stream ??= await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 } },
    });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look();
  }

  private look(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      if (!this.stream) return;
      const { video } = this;
      const text =
        (await byBrowser(video)) ?? byScript(pixels(video, video.videoWidth, video.videoHeight, 1280), false);
      if (!this.stream) return;
      if (text) this.found(text);
      else this.look();
    }, 120);
  }

  stop(): void {
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
    this.video.srcObject = null;
  }
}
