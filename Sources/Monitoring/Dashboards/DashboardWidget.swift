internal import CloudWatch
internal import JSONBytes

/// One rectangle of a dashboard.
struct DashboardWidget {
    /// One line of a graph.
    struct Line {
        enum Source {
            case metric(namespace: String, name: String, dimensions: [Dimension], statistic: Statistic)
            case expression(String)
        }

        var source: Source
        var label: String
        var id: String?
        var isVisible = true
        var color: String?
        var isOnRight = false
    }

    /// A horizontal line that says what is too much, or what was expected.
    struct Mark {
        var value: Double
        var label: String
        var color: String
    }

    enum Content {
        case text(String)
        case graph(title: String, unit: String, period: Int)
    }

    var content: Content
    var lines: [Line] = []
    var marks: [Mark] = []
    var x = 0
    var y = 0
    var width = 8
    var height = 6

    func write(into writer: inout JSONWriter, region: String) {
        writer.beginObject()
        writer.member("type", { if case .text = content { "text" } else { "metric" } }())
        writer.member("x", x)
        writer.member("y", y)
        writer.member("width", width)
        writer.member("height", height)
        writer.key("properties")
        writer.beginObject()
        switch content {
        case .text(let markdown):
            writer.member("markdown", markdown)
            writer.member("background", "transparent")
        case .graph(let title, let unit, let period):
            writeGraph(title: title, unit: unit, period: period, region: region, into: &writer)
        }
        writer.endObject()
        writer.endObject()
    }

    private func writeGraph(title: String, unit: String, period: Int, region: String, into writer: inout JSONWriter) {
        writer.member("title", title)
        writer.member("view", "timeSeries")
        writer.member("region", region)
        writer.member("period", period)
        writer.key("metrics")
        writer.beginArray()
        for line in lines { write(line, region: region, into: &writer) }
        writer.endArray()
        writer.key("yAxis")
        writer.beginObject()
        writer.key("left")
        writer.beginObject()
        writer.member("min", 0)
        writer.member("label", unit)
        writer.member("showUnits", false)
        writer.endObject()
        writer.endObject()
        guard !marks.isEmpty else { return }
        writer.key("annotations")
        writer.beginObject()
        writer.key("horizontal")
        writer.beginArray()
        for mark in marks {
            writer.beginObject()
            writer.member("value", mark.value)
            writer.member("label", mark.label)
            writer.member("color", mark.color)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    /// `["Namespace", "Metric", "Name", "Value", …, {options}]`, or `[{"expression": …}]`.
    private func write(_ line: Line, region: String, into writer: inout JSONWriter) {
        writer.beginArray()
        var statistic: Statistic?
        if case .metric(let namespace, let name, let dimensions, let which) = line.source {
            writer.string(namespace)
            writer.string(name)
            for dimension in dimensions {
                writer.string(dimension.name)
                writer.string(dimension.value)
            }
            statistic = which
        }
        writer.beginObject()
        if case .expression(let text) = line.source {
            writer.member("expression", text)
            writer.member("region", region)
        }
        writer.member("label", line.label)
        if let statistic { writer.member("stat", statistic.wireName) }
        if let id = line.id { writer.member("id", id) }
        if let color = line.color { writer.member("color", color) }
        if !line.isVisible { writer.member("visible", false) }
        if line.isOnRight { writer.member("yAxis", "right") }
        writer.endObject()
        writer.endArray()
    }
}
