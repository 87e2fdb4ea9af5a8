/// How the page looks.
enum SummaryStyle {
    static let css = """
        :root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #16202b; --soft: #5d6b7a; --line: #e1e6ec;
          --good: #1a7f4b; --warn: #9a6700; --bad: #c0262d; --info: #2563a8; --gap: #8250df;
          --goodbg: #e3f4ea; --warnbg: #fdf3d7; --badbg: #fde7e7; }
        @media (prefers-color-scheme: dark) { :root { --bg: #0e141b; --card: #17202a; --ink: #e4eaf0; --soft: #93a1b0;
          --line: #27333f; --good: #4cc38a; --warn: #e0b04a; --bad: #ff7b80; --info: #6cb2ff; --gap: #c297ff;
          --goodbg: #12301f; --warnbg: #33290d; --badbg: #3a1719; } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--bg); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
        header { display: flex; justify-content: space-between; align-items: baseline; padding: 1.1rem max(1rem, calc(50vw - 34rem));
          border-bottom: 4px solid var(--good); background: var(--goodbg) }
        header.warn { border-color: var(--warn); background: var(--warnbg) }
        header.bad { border-color: var(--bad); background: var(--badbg) }
        h1 { font-size: 1.5rem; margin: 0 }
        header p { margin: 0; color: var(--soft) }
        .brand { font-weight: 700; letter-spacing: .04em; color: var(--soft) }
        main, footer { max-width: 70rem; margin: 0 auto; padding: 1rem }
        footer { color: var(--soft); font-size: .85rem }
        a { color: var(--info) }
        section, article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem;
          margin: 0 0 1rem }
        article { border-left: 5px solid var(--soft) }
        article.bad { border-left-color: var(--bad) }
        article.warn { border-left-color: var(--warn) }
        h2 { font-size: 1.02rem; margin: 0 0 .5rem }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: 0 }
        dt { color: var(--soft) }
        dd { margin: 0; overflow-wrap: anywhere }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1rem }
        .tile b { display: block; font-size: 1.55rem; font-variant-numeric: tabular-nums }
        .tile span { color: var(--soft); font-size: .85rem }
        .good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) }
        .info { color: var(--info) } .gap { color: var(--gap) } .quiet { color: var(--soft) }
        header.good, header.warn, header.bad, article { color: var(--ink) }
        .tile.good span, .tile.warn span, .tile.bad span { color: var(--soft) }
        .ledger { margin: 0 0 .4rem }
        .bar { display: flex; gap: 2px; height: 10px; margin-bottom: .8rem; border-radius: 5px; overflow: hidden;
          background: var(--line) }
        .bar i { min-width: 3px; background: currentColor }
        .scroll { overflow-x: auto }
        table { border-collapse: collapse; width: 100%; font-size: .92rem }
        th { text-align: left; font-weight: 500; color: var(--soft); white-space: nowrap }
        th, td { padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line) }
        tbody tr:last-child td { border-bottom: 0 }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
        .small, small { font-size: .85em } small { color: var(--soft) }
        code { font: .88em ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace }
        .meter { display: inline-block; width: 5rem; height: 8px; margin-right: .5rem; border-radius: 4px; background: var(--line);
          overflow: hidden; vertical-align: middle }
        .meter i { display: block; height: 100%; background: var(--good) }
        .meter.warn i { background: var(--warn) } .meter.bad i { background: var(--bad) }
        """
}
