/** What makes a flame graph zoom, in the file itself. It draws nothing that is not there without it. */

export const FLAME_SCRIPT = `//<![CDATA[
(function () {
  var boxes = document.getElementById('boxes');
  var all = Array.prototype.slice.call(boxes.querySelectorAll('.box'));
  var reset = document.getElementById('reset');
  var status = document.getElementById('status');
  var left = +boxes.dataset.left, width = +boxes.dataset.width, character = +boxes.dataset.character;
  function number(box, name) { return +box.dataset[name]; }
  function fit(name, room) {
    var count = Math.floor((room - 8) / character);
    return name.length <= count ? name : count < 3 ? '' : name.slice(0, count - 1) + '\\u2026';
  }
  function zoom(target) {
    var from = number(target, 'from'), gas = number(target, 'gas'), depth = number(target, 'depth');
    all.forEach(function (box) {
      var start = number(box, 'from'), end = start + number(box, 'gas');
      var above = number(box, 'depth') < depth && start <= from && end >= from + gas;
      var below = number(box, 'depth') >= depth && start >= from && end <= from + gas;
      box.style.display = above || below ? '' : 'none';
      if (!above && !below) return;
      var x = above ? left : left + (start - from) / gas * width;
      var w = above ? width : (end - start) / gas * width;
      var rect = box.querySelector('rect'), text = box.querySelector('text');
      rect.setAttribute('x', x.toFixed(2));
      rect.setAttribute('width', w.toFixed(2));
      rect.style.opacity = above && box !== target ? 0.55 : 1;
      if (!text) {
        text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
        text.setAttribute('y', +rect.getAttribute('y') + 14);
        box.appendChild(text);
      }
      text.setAttribute('x', (x + 4).toFixed(1));
      text.textContent = fit(box.dataset.name, w);
    });
    reset.setAttribute('visibility', target === all[0] ? 'hidden' : 'visible');
  }
  function boxOf(event) { return event.target.closest ? event.target.closest('.box') : null; }
  function show(event) {
    var box = boxOf(event);
    status.textContent = box ? box.querySelector('title').textContent : status.dataset.rest;
  }
  boxes.addEventListener('click', function (event) { var box = boxOf(event); if (box) zoom(box); });
  boxes.addEventListener('mouseover', show);
  boxes.addEventListener('mouseout', function () { status.textContent = status.dataset.rest; });
  boxes.addEventListener('focusin', show);
  boxes.style.cursor = 'pointer';
  reset.addEventListener('click', function () { zoom(all[0]); });
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape') zoom(all[0]);
    if (event.key !== 'Enter' && event.key !== ' ') return;
    if (event.target === reset) zoom(all[0]);
    else if (boxOf(event)) { event.preventDefault(); zoom(boxOf(event)); }
  });
})();
//]]>`;
