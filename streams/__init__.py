"""Milepost: milestones, qualified leads and funnels from product usage events."""
