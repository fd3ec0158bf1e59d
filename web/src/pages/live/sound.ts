// A short sound when somebody is marked, made here: no file, and nothing to fetch.

let context: AudioContext | null = null;

/** Browsers allow sound only after the user did something: call this from a click. */
export function allowSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

export function ring(): void {
  if (!context || context.state !== "running") return;
  const now = context.currentTime;
  const volume = context.createGain();
  volume.gain.setValueAtTime(0.0001, now);
  volume.gain.exponentialRampToValueAtTime(0.25, now + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.35);
  volume.connect(context.destination);
  for (const [pitch, delay] of [
    [880, 0],
    [1320, 0.09],
  ] as const) {
    const tone = context.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(now + delay);
    tone.stop(now + 0.36);
  }
}
