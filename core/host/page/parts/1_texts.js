// Words in the reader's language. Whatever the record says is put in as text, never as markup.
const byId = id => document.getElementById(id);
const model = JSON.parse(byId('model').textContent);
let language = model.language;
const onLanguage = [];  // what else to write anew

function word(id, fields = {}) {
  const sentence = model.texts[language][id] ?? id;
  return sentence.replace(/\{(\w+)\}/g, (name, key) => fields[key] ?? name);
}

function number(value, digits = 0) {
  return value.toLocaleString(language === 'es' ? 'es-MX' : 'en-US',
                              {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

// Three figures, however large the value is.
function figures(value) {
  const size = Math.abs(value);
  return number(value, size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function element(name, attributes = {}, ...children) {
  const own = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) own.setAttribute(key, value);
  own.append(...children);
  return own;
}

const svgName = 'http://www.w3.org/2000/svg';
function svg(name, attributes = {}, ...children) {
  const own = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes)) own.setAttribute(key, value);
  own.append(...children);
  return own;
}

function press(button, pressed) { button.setAttribute('aria-pressed', String(pressed)); }

function writeTexts() {
  document.documentElement.lang = language;
  for (const own of document.querySelectorAll('[data-text]')) own.textContent = word(own.dataset.text);
  for (const own of document.querySelectorAll('[data-label]')) own.setAttribute('aria-label', word(own.dataset.label));
  for (const own of document.querySelectorAll('button[data-key]')) {
    own.title = `${own.getAttribute('aria-label') ?? own.textContent} (${own.dataset.key})`;
    own.setAttribute('aria-keyshortcuts', own.dataset.key === '+' ? 'Plus' : own.dataset.key);
  }
  for (const own of document.querySelectorAll('[data-language]')) press(own, own.dataset.language === language);
  document.title = `${model.title.what || 'Garita'} · Garita`;
  for (const write of onLanguage) write();
}

for (const own of document.querySelectorAll('[data-language]'))
  own.addEventListener('click', () => { language = own.dataset.language; writeTexts(); });
