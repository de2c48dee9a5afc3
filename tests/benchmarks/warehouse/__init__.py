"""What dashboards, funnels and KPIs cost on a warehouse of the size of a large product."""
