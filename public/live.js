const status = document.querySelector('#status');
const streams = document.querySelector('#streams');
const cards = new Map();

const base = new URL('.', location.href).href.replace(/\/$/, '');
for (const place of document.querySelectorAll('[data-base]')) {
  place.textContent = base;
}

const source = new EventSource('events');
source.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  if (event.type === 'connected') {
    show('live', `live (resume: ${event.data.resume})`);
  } else if (event.type === 'refused') {
    show('waiting', event.data.message);
  } else if (event.stream !== undefined) {
    fill(cardOf(event.stream), event);
  }
};
source.onerror = () => {
  const isClosed = source.readyState === EventSource.CLOSED;
  show('waiting', isClosed ? 'closed; reload the page' : 'reconnecting');
};

function show(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

function cardOf(stream) {
  const card = cards.get(stream) ?? streams.appendChild(element('article', ''));
  cards.set(stream, card);
  return card;
}

/** Events are strangers' data: they go in as text only. */
function fill(card, { stream, type, data, time }) {
  const values = data !== null && typeof data === 'object' ? Object.entries(data) : [['', data]];
  const list = element('dl', '');
  for (const [name, value] of values.filter(([key]) => key !== 'timestamp')) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    list.append(element('dt', name), element('dd', text));
  }
  const about = `${type}, ${new Date(time).toLocaleTimeString()}`;
  card.replaceChildren(element('h3', stream), list, element('small', about));
}

function element(name, text) {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}
