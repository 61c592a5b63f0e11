namespace Factory.GpuWorker.Reports;

/// <summary>The style sheet of the report page. Series colors are Okabe and Ito's, told apart by color-blind readers too, darkened or lightened for the page.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --bg: #fff; --fg: #1c2430; --quiet: #5b6675; --line: #dfe4ea; --soft: #f5f7f9; --accent: #0b6e7f; --hit: 14, 124, 142; --miss: 201, 84, 28;
          --s0: #0072b2; --s1: #d55e00; --s2: #00855f; --s3: #b0568c; --s4: #a87900; --s5: #3a93c8; --s6: #7b4fb5; --s7: #6b7280; }
        @media (prefers-color-scheme: dark) { :root { --bg: #12161c; --fg: #e6eaf0; --quiet: #9aa6b5; --line: #2b333e; --soft: #1a2029; --accent: #4fc3d6; --hit: 60, 170, 190; --miss: 224, 112, 58;
          --s0: #4aa8e0; --s1: #f08030; --s2: #2fc79a; --s3: #dd8fbd; --s4: #e6b53c; --s5: #8ccdf2; --s6: #b493e6; --s7: #a3acb9; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
        h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
        h1 { font-size: 32px; margin: 0 0 20px; }
        h2 { font-size: 20px; margin: 48px 0 16px; padding-bottom: 8px; border-bottom: 1px solid var(--line); }
        h3 { font-size: 16px; margin: 24px 0 8px; }
        h4 { font-size: 14px; margin: 20px 0 6px; }
        small { color: var(--quiet); font-size: 12px; font-weight: 400; }
        code, pre { font: 12px/1.55 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
        pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: 16px; white-space: pre-wrap; }
        .kicker { margin: 0 0 4px; color: var(--accent); font-size: 13px; font-weight: 600; }
        dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px 24px; margin: 0; }
        dt { color: var(--quiet); font-size: 12px; }
        dd { margin: 0; overflow-wrap: anywhere; }
        .wide { grid-column: 1 / -1; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px; margin-top: 28px; }
        .tile { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
        .tile b { display: block; font-size: 26px; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .tile span, .quiet, .note, figcaption, footer { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
        .note { background: var(--soft); border-left: 3px solid var(--accent); padding: 10px 14px; margin: 20px 0 0; }
        .quiet { margin: 6px 0; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        .scroll > table { width: 100%; }
        th, td { padding: 7px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
        thead th { color: var(--quiet); font-size: 12px; font-weight: 600; vertical-align: bottom; }
        tbody th { font-weight: 600; }
        .n { text-align: right; }
        .scores small { display: block; white-space: nowrap; }
        .best { color: var(--accent); white-space: nowrap; }
        .best b::before, .mark { content: "★ "; font-size: 11px; color: var(--accent); }
        .matrices { display: flex; flex-wrap: wrap; gap: 20px 28px; margin-top: 20px; }
        figure { margin: 0; break-inside: avoid; }
        figcaption { margin: 0 0 4px; }
        .matrices figcaption, .charts figcaption { color: var(--fg); font-weight: 600; }
        .heat th, .heat td { border: 0; vertical-align: middle; padding: 4px 6px; font-size: 12px; }
        .heat thead th { text-align: center; width: 58px; max-width: 110px; padding: 4px 3px; overflow-wrap: break-word; }
        .heat tbody th { color: var(--quiet); text-align: right; font-weight: 600; }
        .heat td { min-width: 48px; height: 34px; text-align: center; vertical-align: middle; border: 2px solid var(--bg); border-radius: 6px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        .hit { background: rgba(var(--hit), calc(.06 + .55 * var(--share))); }
        .miss { background: rgba(var(--miss), calc(.04 + .65 * var(--share))); }
        .sheet { margin-top: 12px; }
        .sheet img { display: block; max-width: 100%; border: 1px solid var(--line); border-radius: 8px; margin-bottom: 6px; }
        .training { break-inside: avoid; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); gap: 20px 28px; }
        .chart { display: block; width: 100%; height: auto; }
        .chart text { fill: var(--quiet); font-size: 13px; }
        .chart path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        .chart path.one { stroke-width: 1.2; opacity: .7; }
        .dots text { font-size: 16px; } .dots .name { fill: var(--fg); }
        .dots .spread { stroke: var(--s0); stroke-width: 3; opacity: .45; }
        .dots .trial { fill: none; stroke: var(--s0); stroke-width: 1.2; } .dots .mean { fill: var(--s0); }
        .against { stroke: var(--quiet); stroke-dasharray: 4 4; }
        .grid { stroke: var(--line); } .axis, .tick { stroke: var(--quiet); }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 4px 0 0; padding: 0; font-size: 13px; }
        .legend span { color: var(--quiet); }
        .legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        path.s0 { stroke: var(--s0); } circle.s0 { fill: var(--s0); } i.s0 { background: var(--s0); }
        path.s1 { stroke: var(--s1); } circle.s1 { fill: var(--s1); } i.s1 { background: var(--s1); }
        path.s2 { stroke: var(--s2); } circle.s2 { fill: var(--s2); } i.s2 { background: var(--s2); }
        path.s3 { stroke: var(--s3); } circle.s3 { fill: var(--s3); } i.s3 { background: var(--s3); }
        path.s4 { stroke: var(--s4); } circle.s4 { fill: var(--s4); } i.s4 { background: var(--s4); }
        path.s5 { stroke: var(--s5); } circle.s5 { fill: var(--s5); } i.s5 { background: var(--s5); }
        path.s6 { stroke: var(--s6); } circle.s6 { fill: var(--s6); } i.s6 { background: var(--s6); }
        path.s7 { stroke: var(--s7); } circle.s7 { fill: var(--s7); } i.s7 { background: var(--s7); }
        footer { margin-top: 48px; border-top: 1px solid var(--line); padding-top: 12px; }
        @media (max-width: 640px) { dl { grid-template-columns: 1fr; } main { padding: 24px 14px; } }
        @media print { :root { color-scheme: light; --bg: #fff; --fg: #000; --quiet: #444; --line: #ccc; --soft: #fff; }
          body { font-size: 11px; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } .scroll { overflow: visible; } }

        """;
}
