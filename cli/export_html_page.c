/* SPDX-License-Identifier: MIT */
/*
 * Nothing here is loaded from anywhere: the policy in the head forbids it. Data is put
 * into the page by textContent alone, so that nothing in it can become markup.
 */
#include "cli/export_html.h"

static const char *const head[] = {
	"<!DOCTYPE html>",
	"<html lang=\"en\"><head><meta charset=\"utf-8\">",
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
	" style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none';"
	" form-action 'none'\">",
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
	"<title>Duenna report</title>",
	"<style>",
	":root{--back:#fff;--text:#1c2024;--dim:#60646c;--line:#d9d9e0;--field:#"
	"f4f4f7;",
	"--allow:#18794e;--deny:#ce2c31;--ask:#ab6400;--bar:#8b8d98}",
	"@media(prefers-color-scheme:dark){:root{--back:#111113;--text:#edeef0;",
	"--dim:#b0b4ba;--line:#363a3f;--field:#1c1d20;--allow:#3dd68c;--deny:#ff9592;",
	"--ask:#ffca16;--bar:#696e77}}",
	"*{box-sizing:border-box}",
	"body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--back);",
	"color:var(--text);font:15px/1.45 system-ui,sans-serif}",
	"h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .6rem}",
	"code,td,.mono{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}",
	".dim{color:var(--dim)}",
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem "
	"1rem;margin:.8rem 0}",
	"dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}",
	".cards{display:flex;flex-wrap:wrap;gap:.6rem}",
	".card{border:1px solid var(--line);border-radius:6px;padding:.5rem .9rem}",
	".card b{display:block;font-size:1.3rem}",
	"table{width:100%;border-collapse:collapse}",
	"th{text-align:left;color:var(--dim);font-weight:500}",
	"th,td{padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}",
	".allow{color:var(--allow)}.deny,.forbid{color:var(--deny);font-weight:600}",
	".ask{color:var(--ask)}",
	"#rows td:nth-child(-n+4){white-space:nowrap}",
	"details{margin-left:1rem}summary{cursor:pointer}",
	".leaf{margin-left:2.05rem}",
	".filter{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0}",
	"input,select,button{font:inherit;color:inherit;background:var(--field);",
	"border:1px solid var(--line);border-radius:5px;padding:.3rem .6rem}",
	"input{flex:1;min-width:14rem}",
	"svg{width:100%;height:90px;display:block;border-bottom:1px solid var(--line)}",
	"rect.all{fill:var(--bar)}rect.bad{fill:var(--deny)}rect.asked{fill:var(--ask)"
	"}",
	"rect.hit{fill:transparent;cursor:pointer}rect.hit:hover{fill:rgba(128,128,128,"
	".2)}",
	"@media print{.filter,button{display:none}}",
	"</style></head><body>",
	"<h1 id=\"title\">Duenna report</h1><div id=\"command\" class=\"mono "
	"dim\"></div>",
	"<noscript>This report is drawn by a script inside this file; allow it to"
	" run.</noscript>",
	"<dl id=\"facts\"></dl><div class=\"cards\" id=\"cards\"></div>",
	"<div id=\"denied\"></div><div id=\"questions\"></div>",
	"<h2>Time line</h2><svg id=\"line\" preserveAspectRatio=\"none\"></svg>",
	"<div class=\"dim\">Judged actions over time; <span class=\"ask\">asked</span> "
	"and"
	" <span class=\"deny\">denied</span> in colour. Click a bar to see what "
	"happened"
	" then.</div>",
	"<h2>Processes</h2><div id=\"tree\"></div>",
	"<h2>Events</h2><div class=\"filter\">",
	"<input id=\"text\" placeholder=\"object, program or rule contains …\""
	" aria-label=\"Filter by text\">",
	"<select id=\"verb\" aria-label=\"Verb\"></select>",
	"<select id=\"verdict\" aria-label=\"Verdict\"></select>",
	"<button id=\"clear\">Clear</button></div>",
	"<div class=\"dim\" id=\"count\"></div>",
	"<table><thead><tr><th>#</th><th>Time</th><th>Verdict</th><th>Verb</th>"
	"<th>Object</th><th>Program</th><th>Decided by</th></tr></thead>"
	"<tbody id=\"rows\"></tbody></table><p><button id=\"more\">Show "
	"more</button></p>",
	"<script type=\"application/json\" id=\"data\">",
};

static const char *const tail[] = {
	"</script><script>",
	"'use strict';",
	"const D=JSON.parse(document.getElementById('data').textContent);",
	"const $=id=>document.getElementById(id);",
	"function el(tag,text,cls){const e=document.createElement(tag);",
	"if(text!==undefined)e.textContent=text;if(cls)e.className=cls;return e}",
	"function took(ms){const s=ms/1000;if(s<60)return s.toFixed(s<10?2:0)+' s';",
	"const m=Math.floor(s/60);return m<60?m+' min '+Math.round(s%60)+' s':",
	"Math.floor(m/60)+' h '+m%60+' min'}",
	"const S=D.session,E=D.events,P=D.processes;",
	"$('title').textContent='Session '+S.id+(S.name?', '+S.name:'');",
	"document.title='Duenna: '+$('title').textContent;",
	"$('command').textContent=S.command;",
	"function fact(name,value){if(value===''||value===null)return;",
	"$('facts').append(el('dt',name),el('dd',value))}",
	"fact('Started',new Date(S.started).toLocaleString());",
	"fact('Took',S.ended?took(S.ended-S.started):'it has not ended');",
	"fact('Exit status',S.status);fact('Folder',S.folder);",
	"fact('Project',S.project);",
	"if(S.imported)fact('Origin','imported: it was not recorded on this machine');",
	"const left=' later events: this report lists the first ';",
	"if(S.left_out)fact('Left out',S.left_out+left+E.length);",
	"function card(n,what){const c=el('div',undefined,'card');",
	"c.append(el('b',n.toLocaleString()),el('span',what,'dim'));$('cards').append("
	"c)}",
	"card(S.total,'actions judged');card(S.allowed,'allowed');",
	"card(S.denied,'denied');",
	"card(D.questions.length,'questions');card(P.length,'program starts');",
	"function table(where,title,heads,rows){if(!rows.length)return;",
	"$(where).append(el('h2',title));const t=el('table'),h=el('tr');",
	"heads.forEach(x=>h.append(el('th',x)));t.append(h);",
	"rows.forEach(r=>{const tr=el('tr');r.forEach(c=>tr.append(",
	"Array.isArray(c)?el('td',c[0],c[1]):el('td',c)));t.append(tr)});$(where)."
	"append(t)}",
	"const bad=new Map();E.forEach(e=>{if(e.d==='allow')return;",
	"const k=e.v+' '+e.o,b=bad.get(k);if(b)b.n++;else bad.set(k,{e,n:1})});",
	"table('denied','Denied',['Verb','Object','Program','Times'],",
	"[...bad.values()].slice(0,200).map(b=>[b.e.v,[b.e.o,'deny'],b.e.p,b.n]));",
	"table('questions','Questions',['Time','Verb','Object','Program','Answer'],",
	"D.questions.map(q=>['+'+took(q.t),q.v,q.o,q.p,[q.a,q.d]]));",
	"const N=120,span=Math.max(1,E.reduce((m,e)=>Math.max(m,e.t),0)+1);",
	"const all=new Array(N).fill(0),den=[...all],ask=[...all];",
	"E.forEach(e=>{const i=Math.min(N-1,Math.floor(e.t/span*N));all[i]++;",
	"if(e.d!=='allow')den[i]++;else if(e.q)ask[i]++});",
	"const top1=Math.max(1,...all),svg=$('line');",
	"svg.setAttribute('viewBox','0 0 '+N+' 100');let range=null;",
	"function bar(i,n,cls,h){const r=document.createElementNS(",
	"'http://www.w3.org/2000/svg','rect');r.setAttribute('x',i+.05);",
	"r.setAttribute('width',.9);r.setAttribute('y',100-h);r.setAttribute('height',"
	"h);",
	"r.setAttribute('class',cls);svg.append(r);return r}",
	"const high=n=>n?4+92*Math.log1p(n)/Math.log1p(top1):0;",
	"for(let i=0;i<N;i++){bar(i,all[i],'all',high(all[i]));",
	"bar(i,ask[i],'asked',high(ask[i]));bar(i,den[i],'bad',high(den[i]));",
	"const t=document.createElementNS('http://www.w3.org/2000/svg','title');",
	"t.textContent='+'+took(i*span/N)+': '+all[i]+' actions, '+den[i]+' denied';",
	"const r=bar(i,1,'hit',100);r.append(t);",
	"r.addEventListener('click',()=>{range=[i*span/N,(i+1)*span/N];draw()})}",
	"const kids=new Map();P.forEach(p=>{const k=p.previous||p.parent;",
	"if(!kids.has(k))kids.set(k,[]);kids.get(k).push(p)});",
	"function label(p){const s=el('span');s.append(el('code',p.c||p.p||'(starting)'),el('span',",
	"'  pid '+p.pid+(p.e?', '+took(p.e-p.s):'')+(p.x!==null?', '+p.x:''),'dim'));",
	"return s}",
	"let drawn=0;function tree(root,into){const stack=[[root,into]];",
	"while(stack.length&&drawn<5000){const [number,box]=stack.pop();",
	"for(const p of kids.get(number)||[]){if(++drawn>5000)break;",
	"if(kids.has(p.n)&&p.n!==number){const d=el('details'),s=el('summary');",
	"d.open=drawn<200;s.append(label(p));d.append(s);box.append(d);stack.push([p.n,"
	"d])}",
	"else{const l=el('div',undefined,'leaf');l.append(label(p));box.append(l)}}}",
	"if(drawn>5000)into.append(el('p','Only the first 5000 are shown.','dim'))}",
	"tree(0,$('tree'));",
	"function options(id,what,values){$(id).append(new Option('any '+what,''));",
	"[...new Set(values)].sort().forEach(v=>$(id).append(new Option(v,v)))}",
	"options('verb','verb',E.map(e=>e.v));options('verdict','verdict',E.map(e=>e.d)"
	");",
	"let limit=300;function draw(){const t=$('text').value.toLowerCase();",
	"const v=$('verb').value,d=$('verdict').value;",
	"const found=E.filter(e=>(!v||e.v===v)&&(!d||e.d===d)&&",
	"(!range||(e.t>=range[0]&&e.t<range[1]))&&(!t||",
	"(e.o+'\\n'+e.p+'\\n'+e.b).toLowerCase().includes(t)));",
	"$('count').textContent=found.length.toLocaleString()+' of '+",
	"E.length.toLocaleString()+' events'+(range?', from +'+took(range[0])+' to +'+",
	"took(range[1]):'');const rows=$('rows');rows.replaceChildren();",
	"found.slice(0,limit).forEach(e=>{const r=el('tr');r.append(el('td',e.n),",
	"el('td','+'+took(e.t)),el('td',e.d,e.d),el('td',e.v),el('td',e.o),",
	"el('td',e.p),el('td',e.b,e.q?'ask':'dim'));rows.append(r)});",
	"$('more').hidden=found.length<=limit}",
	"['text','verb','verdict'].forEach(i=>$(i).addEventListener('input',draw));",
	"$('clear').addEventListener('click',()=>{range=null;limit=300;$('text').value="
	"'';",
	"$('verb').value='';$('verdict').value='';draw()});",
	"$('more').addEventListener('click',()=>{limit*=4;draw()});draw();",
	"</script></body></html>",
};

void html_page_begin(FILE *file)
{
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
		(void)fprintf(file, "%s\n", head[i]);
	}
}

void html_page_end(FILE *file)
{
	for (size_t i = 0; i < sizeof(tail) / sizeof(tail[0]); i++) {
		(void)fprintf(file, "%s\n", tail[i]);
	}
}
