// How long a face on the picture waits for its name, for whoever measures: entries of the browser's User Timing, which cost
// next to nothing and are kept by observers only.

/** From taking a picture to its result; `rollcall.frame.drawn` is from taking it to its boxes being on the screen. */
export const ANSWERED = "rollcall.frame.answered";
export const DRAWN = "rollcall.frame.drawn";

/** To be called when the boxes of the picture that was taken `at` are in the document. */
export function noteDrawn(at: number, took: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    // What is asked for in a frame comes before it is painted; a task comes behind.
    timer = setTimeout(() => {
      note(ANSWERED, at, at + took);
      note(DRAWN, at, performance.now());
    });
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

function note(name: string, start: number, end: number): void {
  performance.measure(name, { start, end });
  // An observer has it by now; a page that is open all day would keep them all.
  performance.clearMeasures(name);
}
