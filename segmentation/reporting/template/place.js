"use strict";
// Places a customer by the arithmetic of model.json; nothing that is typed leaves the page.
const model = JSON.parse(document.getElementById("model").textContent);
const form = document.getElementById("place-form");
const answer = document.getElementById("place-answer");

const coordinate = (feature, value) =>
  ((feature.log ? Math.log1p(value) : value) - feature.centre) / feature.spread;

function distance(segment, z) {
  return segment.centre.reduce((sum, c, at) => sum + (z[at] - c) ** 2, 0);
}

function density(segment, z) {
  let score = -Math.log(segment.share);
  for (let column = 0; column < z.length; column++) {
    let along = 0;
    for (let row = 0; row < z.length; row++)
      along += (z[row] - segment.centre[row]) * segment.factor[row][column];
    score += along ** 2 / 2 - Math.log(segment.factor[column][column]);
  }
  return score;
}

function place(values) {
  const z = model.features.map((feature, at) => coordinate(feature, values[at]));
  const score = model.segments.map((segment) => (segment.factor ? density : distance)(segment, z));
  return score.map((_, at) => at).sort((one, other) => score[one] - score[other] || one - other);
}

function read(input, feature) {
  if (input.value !== "") return Number(input.value);
  return feature.fill === null || input.validity.badInput ? NaN : feature.fill;
}

function answerForm() {
  const values = model.features.map((feature, at) => read(form.elements[at], feature));
  const negative = model.features.find((feature, at) => feature.log && values[at] < 0);
  if (negative) answer.textContent = `${negative.feature} cannot be negative.`;
  else if (values.some(Number.isNaN)) answer.textContent = "Fill in every field.";
  else {
    const [first, second] = place(values).map((at) => model.segments[at]);
    answer.textContent = `Segment ${first.number} \u00b7 ${first.name}. ` +
      `Next nearest: segment ${second.number} \u00b7 ${second.name}.`;
  }
}

for (const feature of model.features) {
  const label = form.appendChild(document.createElement("label"));
  label.append(feature.feature);
  const input = label.appendChild(document.createElement("input"));
  Object.assign(input, { type: "number", step: "any" });
}
answer.textContent = "Fill in every field.";
form.addEventListener("input", answerForm);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("place").hidden = false;
