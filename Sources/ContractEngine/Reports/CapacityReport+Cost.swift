internal import ContractModel

extension CapacityReport {
    /// What each table and index costs in each way to pay.
    func costs(_ style: ReportStyle) -> [String] {
        let hasStorage = !plan.storedBytes.isEmpty
        var table = TextTable(columns: [
            ("dollars a month", .left), ("on demand", .right), ("provisioned", .right),
            ("for read/write units", .right),
            ("used", .right), ("auto-scaled", .right), ("cheaper", .left),
        ])
        if hasStorage { table.columns += [("GB kept", .right), ("storage", .right)] }
        for resource in plan.resources {
            let cost = plan.cost(of: resource)
            var cells: [TextTable.Cell] = [
                .init(resource.index.map { "  .\($0)" } ?? resource.table, resource.index == nil ? .emphasis : nil),
                .init(Figures.dollars(cost.onDemand)), .init(Figures.dollars(cost.provisioned)),
                .init(Figures.short(cost.provisionedReadUnits) + " / " + Figures.short(cost.provisionedWriteUnits)),
                .init(Figures.percent(cost.utilization)), .init(Figures.dollars(cost.autoScaled)),
                .init(cost.isProvisionedCheaper ? "provisioned" : "on demand", .faint),
            ]
            if hasStorage {
                cells += [
                    .init(cost.storedBytes.map { Figures.short($0 / DynamoDBPrices.gigabyte) } ?? "–"),
                    .init(cost.storage.map(Figures.dollars) ?? "–"),
                ]
            }
            table.rows.append(cells)
        }
        let isCheaper = plan.total(\.provisioned) < plan.total(\.onDemand)
        var total: [TextTable.Cell] = [
            .init("total", .emphasis), .init(Figures.dollars(dollarsPerMonth), .emphasis),
            .init(Figures.dollars(plan.total(\.provisioned))), .init(""), .init(""),
            .init(Figures.dollars(plan.total(\.autoScaled))),
            .init(isCheaper ? "provisioned" : "on demand", .faint),
        ]
        if hasStorage { total += [.init(""), .init(Figures.dollars(plan.total { $0.storage ?? 0 }))] }
        table.rows.append(total)
        return table.render(style) + TextWrap.lines(costNote(hasStorage), indentation: 2).map { style($0, .faint) }
    }

    private func costNote(_ hasStorage: Bool) -> String {
        let prices = plan.assumptions.prices
        let target = Figures.percent(plan.assumptions.utilizationTarget)
        var note =
            "At \(prices.basis), 730 hours, no free tier. On demand: the average rate, $\(prices.millionReads) a million "
            + "reads, $\(prices.millionWrites) writes. Provisioned: the peak at \(target) of the capacity, around the clock, "
            + "$\(prices.readUnitHour) a read-unit hour, $\(prices.writeUnitHour) a write-unit hour; it is cheaper where more than "
            + "\(Figures.percent(prices.breakEvenUtilization)) of it is used. Auto-scaled: capacity that follows the average at "
            + "\(target), the best case."
        if hasStorage {
            note +=
                " Storage: $\(prices.gigabyteMonth) a GB, 100 bytes more for each item; an item that holds the place of a unique "
                + "value is taken to have \(Figures.short(StorageEstimate.lookupInBytes)) bytes; being able to restore it to any "
                + "second costs $\(prices.recoveryGigabyteMonth) a GB of a table more."
        } else {
            note += " Storage is not in it: say how many items there are (--assume items.TABLE=1000000)."
        }
        return note
    }

    // MARK: What documents say otherwise

    /// Numbers of the documents that do not follow from the patterns, with the reason.
    func stated(_ style: ReportStyle) -> [String] {
        let others = plan.stated.filter { !$0.agrees && $0.computed != nil }
        let file = plan.stated.first.map { $0.file.split(separator: "/").last.map(String.init) ?? $0.file } ?? ""
        var lines: [String] = []
        if !others.isEmpty {
            var table = TextTable(columns: [
                ("\(file) says otherwise", .left), ("line", .right), ("there", .right), ("here", .right),
            ])
            for figure in others {
                table.append(
                    .init("\(ResourceName(figure.table, figure.index).text) \(words(figure.quantity))"),
                    .init("\(figure.line)", .faint), .init(figure.stated),
                    .init(figure.computed.map { text($0, figure.quantity) } ?? "–", .emphasis))
            }
            let rendered = table.render(style)
            lines = [rendered[0]]
            for (line, figure) in zip(rendered.dropFirst(), others) {
                lines += [line] + TextWrap.lines(figure.reason, indentation: 6).map { style($0, .faint) }
            }
        }
        let agreeing = plan.stated.count { $0.agrees }
        if agreeing > 0 {
            let words = agreeing == 1 ? "One number of \(file) agrees." : "\(agreeing) numbers of \(file) agree."
            lines.append(style("  " + words, .faint))
        }
        let storage = plan.stated.filter { $0.computed == nil && $0.quantity == .storageDollars }
        if !storage.isEmpty {
            let gigabytes = storage.reduce(0) { $0 + $1.value } / plan.assumptions.prices.gigabyteMonth
            let note =
                "It pays for \(Figures.short(gigabytes)) GB of storage; no document says how many items there are."
            lines.append(style("  " + note, .faint))
        }
        return lines
    }

    private func text(_ value: Double, _ quantity: StatedFigure.Quantity) -> String {
        switch quantity {
        case .readCalls, .writeCalls: Figures.short(value)
        case .readDollars, .writeDollars, .storageDollars: Figures.dollars(value)
        }
    }

    private func words(_ quantity: StatedFigure.Quantity) -> String {
        switch quantity {
        case .readCalls: "reads/s"
        case .writeCalls: "writes/s"
        case .readDollars: "reads, a month"
        case .writeDollars: "writes, a month"
        case .storageDollars: "storage, a month"
        }
    }
}
