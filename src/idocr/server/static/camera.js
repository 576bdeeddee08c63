// A photograph from the camera: a viewfinder where the browser allows one, else the phone's own camera.
const FINDER = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };

export class Camera {
  #dialog = document.getElementById("viewfinder");
  #video = document.getElementById("video");
  #file = document.getElementById("file");
  #stream = null;

  constructor(whenTaken, whenFailed) {
    this.whenFailed = whenFailed;
    document.getElementById("shoot").addEventListener("click", () => this.#shoot(whenTaken));
    document.getElementById("close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#stop());
  }

  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      // Over plain HTTP from another machine: the file dialog of a phone has a camera.
      this.#file.setAttribute("capture", "environment");
      this.#file.click();
      this.#file.removeAttribute("capture");
      return;
    }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(FINDER);
    } catch {
      this.whenFailed("no_camera");
      return;
    }
    this.#video.srcObject = this.#stream;
    this.#dialog.showModal();
  }

  #shoot(whenTaken) {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!width) return;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(this.#video, 0, 0);
    this.#dialog.close();
    canvas.toBlob((blob) => blob && whenTaken(blob), "image/jpeg", 0.92);
  }

  #stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#video.srcObject = this.#stream = null;
  }
}
