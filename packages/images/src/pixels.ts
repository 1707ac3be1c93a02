/** A decoded image: bytes [height, width, channels], row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 3: red, green, blue; 1: grey. */
  readonly channels: number;
  readonly data: Uint8Array;
}

/** A rectangle of an image, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The part of an image in a box, which may stand over the edge, where everything is black. */
export function cropPixels(image: Pixels, box: Box): Pixels {
  const { channels, data, height, width } = image;
  if (box.left === 0 && box.top === 0 && box.width === width && box.height === height) return image;
  const cropped = new Uint8Array(box.width * box.height * channels);
  const left = Math.max(0, box.left);
  const right = Math.min(width, box.left + box.width);
  if (right > left) {
    for (let y = Math.max(0, box.top); y < Math.min(height, box.top + box.height); y++) {
      const row = data.subarray((y * width + left) * channels, (y * width + right) * channels);
      cropped.set(row, ((y - box.top) * box.width + left - box.left) * channels);
    }
  }
  return { width: box.width, height: box.height, channels, data: cropped };
}

/** The image mirrored left to right. */
export function flipPixels({ channels, data, height, width }: Pixels): Pixels {
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = (y * width + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) flipped[to + c] = data[from + c] as number;
    }
  }
  return { width, height, channels, data: flipped };
}

/** Luma of ITU-R 601 in 16-bit fixed point, as Pillow's `convert("L")` rounds it. */
export function greyPixels({ channels, data, height, width }: Pixels): Pixels {
  if (channels === 1) return { width, height, channels, data };
  const grey = new Uint8Array(width * height);
  for (let index = 0; index < grey.length; index++) {
    const [red, green, blue] = data.subarray(3 * index, 3 * index + 3) as unknown as [
      number,
      number,
      number,
    ];
    grey[index] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: grey };
}
