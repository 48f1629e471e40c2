/* Yizhan bridge: what a page may ask of the platform in the browser. Types and documentation: bridge.d.ts. */
(function () {
  'use strict';
  if (window.yizhan) return;

  var HOST = '/.yizhan/';
  var listeners = [];
  var asked = null;
  var known = '';
  var portal = null;
  var homeKey = 'yizhan.home';
  var reported = false;
  var usableAt = 0;

  function fetchVisitor() {
    return fetch(HOST + 'visitor', { credentials: 'same-origin', cache: 'no-store', headers: { accept: 'application/json' } })
      .then(function (answer) {
        if (!answer.ok) throw new Error('yizhan: visitor answered ' + answer.status);
        return answer.json();
      })
      .then(function (now) {
        var visitor = { locale: now.locale, region: now.region, elderMode: now.elderMode, signedIn: now.signedIn };
        portal = now.portal;
        remember(visitor);
        return visitor;
      });
  }

  function remember(visitor) {
    var text = JSON.stringify(visitor);
    document.documentElement.setAttribute('data-yizhan-elder', String(visitor.elderMode));
    if (known && known !== text) listeners.slice().forEach(function (listener) { listener(visitor); });
    known = text;
  }

  function visitor() {
    if (!asked) {
      asked = fetchVisitor();
      asked.catch(function () { asked = null; });
    }
    return asked;
  }

  function refresh() {
    asked = null;
    return visitor();
  }

  function setVisitor(wish) {
    var form = new URLSearchParams();
    if (wish.locale !== undefined) form.set('locale', wish.locale);
    if (wish.region !== undefined) form.set('region', wish.region);
    if (wish.elderMode !== undefined) form.set('elder', wish.elderMode ? '1' : '0');
    return fetch(HOST + 'prefs', { method: 'POST', credentials: 'same-origin', redirect: 'manual', body: form }).then(refresh);
  }

  function onVisitorChange(listener) {
    listeners.push(listener);
    return function () { listeners = listeners.filter(function (other) { return other !== listener; }); };
  }

  function here() {
    return location.pathname + location.search;
  }

  function authorize(claims, purpose, returnPath) {
    var query = new URLSearchParams();
    if (purpose) query.set('purpose', purpose);
    if (claims && claims.length) query.set('claims', claims.join(','));
    query.set('return', returnPath || here());
    location.replace(HOST + 'login?' + query);
  }

  function signOut() {
    return fetch(HOST + 'logout', { method: 'POST', credentials: 'same-origin', redirect: 'manual' }).then(refresh);
  }

  /* The history entry by which the portal opened this app, kept per tab, so that going back leaves no second portal page. */
  function markHome(home) {
    var entry = window.navigation && navigation.currentEntry;
    if (entry && document.referrer && document.referrer.indexOf(home) === 0) store(homeKey, entry.key);
  }

  function store(name, value) {
    try {
      if (value === undefined) return sessionStorage.getItem(name);
      sessionStorage.setItem(name, value);
    } catch (refused) { /* storage may be switched off */ }
    return null;
  }

  function back() {
    var key = store(homeKey);
    var entries = key && window.navigation ? navigation.entries() : [];
    var at = entries.map(function (entry) { return entry.key; }).indexOf(key);
    if (at >= 0 && navigation.currentEntry) return history.go(at - navigation.currentEntry.index - 1);
    visitor().catch(function () {}).then(function () { location.replace(portal || '/'); });
  }

  function share(what) {
    var data = { title: what && what.title || document.title, text: what && what.text, url: what && what.url || location.href };
    if (navigator.share) {
      return navigator.share(data).then(
        function () { return 'shared'; },
        function (error) { return error.name === 'AbortError' ? 'cancelled' : copy(data.url); }
      );
    }
    return copy(data.url);
  }

  function copy(url) {
    if (!navigator.clipboard) return Promise.resolve('unavailable');
    return navigator.clipboard.writeText(url).then(function () { return 'copied'; }, function () { return 'unavailable'; });
  }

  function usable() {
    if (!usableAt) usableAt = performance.now();
    report();
  }

  function report() {
    var load = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
    if (reported || !load || !navigator.sendBeacon) return;
    reported = true;
    var body = JSON.stringify({
      v: 1,
      path: location.pathname.slice(0, 200),
      t0: Math.round(load.responseStart),
      t2: Math.round(usableAt || load.domContentLoadedEventEnd || performance.now())
    });
    navigator.sendBeacon(HOST + 'beacon', new Blob([body], { type: 'application/json' }));
  }

  window.yizhan = {
    visitor: visitor,
    setVisitor: setVisitor,
    onVisitorChange: onVisitorChange,
    authorize: authorize,
    signOut: signOut,
    back: back,
    share: share,
    usable: usable
  };

  visitor().then(function () { if (portal) markHome(portal); }, function () {});
  document.addEventListener('visibilitychange', function () {
    if (document.visibilityState === 'hidden') report();
    else refresh().catch(function () {});
  });
  window.addEventListener('pageshow', function (event) { if (event.persisted) refresh().catch(function () {}); });
  window.addEventListener('load', function () { setTimeout(report, 3000); });
})();
